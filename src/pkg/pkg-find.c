/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/pkg-find.h"

#include <sys/stat.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"

enum { NAMES_MAX = 4096, LIST_MAX = 4096 };

/* It has a slash, or begins with a dot. Otherwise it is a name. */
static bool is_path(const char *word)
{
	return !*word || *word == '.' || strchr(word, '/');
}

static bool is_package(const char *dir)
{
	CLEANUP(free) char *yml = path_join(dir, "build.yml");

	return file_exists(yml);
}

static bool is_same_dir(const char *a, const char *b)
{
	struct stat x, y;

	return stat(*a ? a : ".", &x) == 0 && stat(*b ? b : ".", &y) == 0 && x.st_dev == y.st_dev &&
	       x.st_ino == y.st_ino;
}

/* Unless it is among them under another name. */
static void add_place(struct strv *places, const char *dir)
{
	const char *place;

	STRV_FOREACH (place, places)
		if (str_eq(place, dir) || is_same_dir(place, dir))
			return;
	strv_add(places, dir);
}

static void list_places(const char *base, const struct strv *path, struct strv *ret)
{
	CLEANUP(free) char *pkg = base ? path_join(base, "pkg") : NULL;
	const char *dir;

	if (base) {
		add_place(ret, base);
		add_place(ret, pkg);
	}
	STRV_FOREACH (dir, path)
		add_place(ret, dir);
}

/* ---- what to say when there is none ---- */

struct names {
	const char *place;
	struct strv all;
};

/* A file_visit. */
static int note_package(
	ATTR_UNUSED int dir_fd, const char *name, void *ctx, ATTR_UNUSED struct werr **err)
{
	struct names *n = ctx;
	CLEANUP(free) char *dir = path_join(n->place, name);

	if (n->all.n < NAMES_MAX && is_package(dir))
		strv_add(&n->all, name);
	return 0;
}

static int not_found(const char *word, const struct strv *places, struct werr **err)
{
	CLEANUP(buf) struct buf list = BUF_INIT(LIST_MAX);
	CLEANUP(free) char *beside = path_join(places->n ? places->items[0] : "", word);
	struct names names = {0};
	const char *place, *near;
	struct stat st;
	int r;

	STRV_FOREACH (place, places) {
		buf_printf(&list, "%s%s", list.len ? ", " : "", *place ? place : ".");
		names.place = *place ? place : ".";
		(void)file_visit_dir(names.place, FILE_ABSENT_IS_EMPTY, note_package, &names, NULL);
	}
	near = names.all.n ? str_nearest(word, (const char *const *)names.all.items) : NULL;
	r = werr_set(err, WERR_NOT_FOUND, "there is no package '%.80s' in %s%s%s%s", word,
		buf_str(&list), near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
	if (stat(beside, &st) == 0 && S_ISDIR(st.st_mode))
		werr_hint(
			err, "a package is a directory with a build.yml, and %s has none", beside);
	else
		werr_hint(err,
			"name the directory that has it with --pkg-path DIR or in "
			"WHERRY_PKG_PATH, or write a path, as in ./%.80s",
			word);
	strv_clear(&names.all);
	return r;
}

void pkg_find_all(const char *base, const struct strv *path, struct strv *names, struct strv *dirs)
{
	CLEANUP(strv) struct strv places = {0};
	struct names found = {0};
	const char *place, *name;

	list_places(base, path, &places);
	STRV_FOREACH (place, &places) {
		found.place = *place ? place : ".";
		(void)file_visit_dir(found.place, FILE_ABSENT_IS_EMPTY, note_package, &found, NULL);
	}
	strv_sort(&found.all);
	STRV_FOREACH (name, &found.all) {
		char *dir = NULL;

		/* It may be in several places. */
		if ((names->n && str_eq(names->items[names->n - 1], name)) ||
			pkg_find(base, name, path, &dir, NULL) < 0)
			continue;
		strv_add(names, name);
		strv_take(dirs, dir);
	}
	strv_clear(&found.all);
}

int pkg_find(
	const char *base, const char *word, const struct strv *path, char **ret, struct werr **err)
{
	CLEANUP(strv) struct strv places = {0};
	const char *place;

	if (is_path(word)) {
		*ret = path_join(base, word);
		return 0;
	}
	list_places(base, path, &places);
	STRV_FOREACH (place, &places) {
		char *dir = path_join(place, word);

		if (is_package(dir)) {
			*ret = dir;
			return 0;
		}
		free(dir);
	}
	return not_found(word, &places, err);
}
