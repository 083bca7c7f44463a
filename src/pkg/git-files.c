/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/git-files.h"

#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "base/path.h"
#include "pkg/git.h"

enum { NESTED_MAX = 16 }; /* repositories in repositories */

#define SUBMODULE_MODE "160000 "

/* ---- parsing ---- */

static int broken(const char *what, struct werr **err)
{
	return werr_set(err, WERR_FAILED, "git's list of %s can't be read", what);
}

int git_parse_status(const char *text, size_t size, struct strv *ret, struct werr **err)
{
	bool is_origin = false; /* of a rename or copy, whose new path came before it */

	if (size && text[size - 1])
		return broken("changes", err);
	for (const char *p = text; p < text + size; p += strlen(p) + 1) {
		if (is_origin) {
			strv_add(ret, p);
			is_origin = false;
			continue;
		}
		if (strlen(p) < 4 || p[2] != ' ')
			return broken("changes", err);
		strv_add(ret, p + 3);
		is_origin = strchr("RC", p[0]) || strchr("RC", p[1]);
	}
	return is_origin ? broken("changes", err) : 0;
}

int git_parse_stage(const char *text, size_t size, struct strv *paths, struct strv *submodules,
	struct werr **err)
{
	if (size && text[size - 1])
		return broken("files", err);
	for (const char *p = text; p < text + size; p += strlen(p) + 1) {
		const char *tab = strchr(p, '\t');

		if (!tab || !tab[1])
			return broken("files", err);
		strv_add(paths, tab + 1);
		if (str_after(p, SUBMODULE_MODE))
			strv_add(submodules, tab + 1);
	}
	return 0;
}

static int parse_names(const char *text, size_t size, struct strv *ret, struct werr **err)
{
	if (size && text[size - 1])
		return broken("files", err);
	for (const char *p = text; p < text + size; p += strlen(p) + 1)
		strv_add(ret, p);
	return 0;
}

/* ---- asking ---- */

static int list(const char *top, const char *const *options, const struct strv *paths, char **ret,
	size_t *ret_size, struct werr **err)
{
	CLEANUP(strv) struct strv args = {0};
	const char *path;

	for (; *options; options++)
		strv_add(&args, *options);
	strv_add(&args, "--");
	STRV_FOREACH (path, paths)
		strv_add(&args, *path ? path : ".");
	return git_run(top, (const char *const *)args.items, ret, ret_size, NULL, err);
}

static int list_staged(const char *top, const struct strv *paths, struct strv *ret,
	struct strv *submodules, struct werr **err)
{
	static const char *const options[] = {"ls-files", "-z", "--stage", NULL};
	CLEANUP(free) char *text = NULL;
	size_t size = 0;
	int r = list(top, options, paths, &text, &size, err);

	return r < 0 ? r : git_parse_stage(text, size, ret, submodules, err);
}

static int list_new(const char *top, const struct strv *paths, struct strv *ret, struct werr **err)
{
	static const char *const options[] = {
		"ls-files", "-z", "--others", "--exclude-standard", NULL};
	CLEANUP(free) char *text = NULL;
	size_t size = 0;
	int r = list(top, options, paths, &text, &size, err);

	return r < 0 ? r : parse_names(text, size, ret, err);
}

/* A submodule that was never fetched is an empty directory. */
static bool is_repository(const char *dir)
{
	CLEANUP(free) char *git = path_join(dir, ".git");
	struct stat st;

	return lstat(git, &st) == 0;
}

/* ---- files ---- */

static int list_repository(const char *top, const char *inside, const char *prefix, unsigned depth,
	struct strv *ret, struct werr **err);

/* Add a name; if it is a repository, add what that contains. */
static int take_name(const char *top, const char *name, const char *prefix, bool nested,
	unsigned depth, struct strv *ret, struct werr **err)
{
	CLEANUP(free) char *plain = str_dup_n(name, strlen(name) - str_ends_with(name, "/"));
	CLEANUP(free) char *full = path_join(top, plain);
	CLEANUP(free) char *below = NULL;

	/* --others ends a repository's name with a slash. */
	nested |= str_ends_with(name, "/");
	if (!nested || !is_repository(full)) {
		strv_addf(ret, "%s%s", prefix, plain);
		return 0;
	}
	if (depth == NESTED_MAX)
		return werr_set(err, WERR_LIMIT, "%s: repositories are nested too deep", full);
	below = str_printf("%s%s/", prefix, plain);
	return list_repository(full, "", below, depth + 1, ret, err);
}

static int list_repository(const char *top, const char *inside, const char *prefix, unsigned depth,
	struct strv *ret, struct werr **err)
{
	CLEANUP(strv) struct strv paths = {0}, names = {0}, submodules = {0};
	const char *name;
	int r;

	strv_add(&paths, inside);
	r = list_staged(top, &paths, &names, &submodules, err);
	if (r == 0)
		r = list_new(top, &paths, &names, err);
	STRV_FOREACH (name, &names) {
		if (r < 0)
			break;
		r = take_name(top, name, prefix, strv_has(&submodules, name), depth, ret, err);
	}
	return r;
}

/* Sort, and remove duplicates: git lists a path once for each side of a merge. */
static void take_unique(struct strv *from, size_t skip, struct strv *ret)
{
	const char *name, *last = NULL;

	strv_sort(from);
	STRV_FOREACH (name, from) {
		if (last && str_eq(last, name))
			continue;
		last = name;
		strv_add(ret, strlen(name) > skip ? name + skip : "");
	}
}

int git_list_files(const char *path, struct strv *ret, struct werr **err)
{
	CLEANUP(git_place) struct git_place place = {0};
	CLEANUP(strv) struct strv names = {0};
	int r = git_find(path, &place, err);

	if (r == 0)
		r = list_repository(place.top, place.inside, "", 0, &names, err);
	if (r == 0)
		take_unique(&names, *place.inside ? strlen(place.inside) + 1 : 0, ret);
	return r;
}

/* ---- changes ---- */

static int list_changes(const char *top, const struct strv *paths, unsigned depth, struct strv *ret,
	struct werr **err);

/* git itself would use the configuration of a submodule there, including its filters. */
static int look_into_submodules(const char *top, const struct strv *paths, unsigned depth,
	struct strv *ret, struct werr **err)
{
	CLEANUP(strv) struct strv names = {0}, submodules = {0};
	const char *name;
	int r = list_staged(top, paths, &names, &submodules, err);

	STRV_FOREACH (name, &submodules) {
		CLEANUP(free) char *full = path_join(top, name);
		CLEANUP(strv) struct strv all = {0}, changes = {0};

		if (r < 0)
			break;
		if (!is_repository(full))
			continue;
		if (depth == NESTED_MAX)
			return werr_set(
				err, WERR_LIMIT, "%s: repositories are nested too deep", full);
		strv_add(&all, "");
		r = list_changes(full, &all, depth + 1, &changes, err);
		if (r == 0 && changes.n)
			strv_add(ret, name);
	}
	return r;
}

static int list_changes(const char *top, const struct strv *paths, unsigned depth, struct strv *ret,
	struct werr **err)
{
	static const char *const status[] = {"status", "--porcelain", "-z", "--no-renames",
		"--untracked-files=all", "--ignore-submodules=dirty"};
	CLEANUP(strv) struct strv options = {0};
	CLEANUP(free) char *text = NULL;
	size_t size = 0;
	int r = git_without_filters(top, &options, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < ARRAY_SIZE(status); i++)
		strv_add(&options, status[i]);
	r = list(top, (const char *const *)options.items, paths, &text, &size, err);
	if (r == 0)
		r = git_parse_status(text, size, ret, err);
	return r < 0 ? r : look_into_submodules(top, paths, depth, ret, err);
}

int git_list_changes(const char *top, const struct strv *paths, struct strv *ret, struct werr **err)
{
	return list_changes(top, paths, 0, ret, err);
}
