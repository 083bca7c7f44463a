/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/inventory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cancel.h"
#include "base/mem.h"
#include "base/path.h"
#include "inventory/apk.h"
#include "inventory/dpkg.h"
#include "inventory/go-build.h"
#include "inventory/rpm.h"

enum {
	DATABASE_MAX = 64 << 20, /* bytes of one that is text */
	COPYRIGHT_MAX = 1 << 20,
	OS_RELEASE_MAX = 64 << 10,
	PROGRAM_MIN = 4096, /* bytes: what is smaller was not made by Go */
};

void inventory_cleanup(struct inventory *i)
{
	software_list_cleanup(&i->software);
	free(i->distro);
	free(i->release);
	strv_clear(&i->notes);
	*i = (struct inventory){0};
}

static const struct tree_node *find_file(const struct tree *t, const char *path)
{
	const struct tree_node *n = tree_resolve(t, path);

	return n && S_ISREG(n->meta.mode) ? n : NULL;
}

static int read_text(const struct tree *t, const struct tree_node *n, size_t max, char **ret,
	size_t *ret_size, struct werr **err)
{
	CLEANUP(reader) struct reader *from = tree_open_file(t, n);

	return reader_read_all(from, max, ret, ret_size, err);
}

/* What is broken or too large in the image is noted; all else fails. */
static int note(struct inventory *i, int r, const char *path, struct werr *why, struct werr **err)
{
	CLEANUP(werr) struct werr *own = why;

	if (r == 0)
		return 0;
	if (r != -EBADMSG && r != -E2BIG) {
		werr_pass(err, STEAL(own));
		return r;
	}
	strv_addf(&i->notes, "/%s can't be read: %s", path, own->message);
	return 0;
}

/* ---- databases ---- */

typedef int read_list(struct software_list *l, const char *text, size_t size, struct werr **err);

static int read_one(struct inventory *i, const struct tree *t, const struct tree_node *n,
	const char *path, read_list *read, struct werr **err)
{
	CLEANUP(free) char *text = NULL;
	struct werr *why = NULL;
	size_t size = 0;
	int r = read_text(t, n, DATABASE_MAX, &text, &size, &why);

	if (r == 0)
		r = read(&i->software, text, size, &why);
	return note(i, r, path, why, err);
}

static int read_lists(struct inventory *i, const struct tree *t, struct werr **err)
{
	static const struct {
		const char *path;
		read_list *read;
	} lists[] = {
		{"var/lib/dpkg/status", dpkg_read_status},
		{"lib/apk/db/installed", apk_read_installed},
		{"usr/lib/apk/db/installed", apk_read_installed},
	};
	int r = 0;

	for (size_t k = 0; r == 0 && k < ARRAY_SIZE(lists); k++) {
		const struct tree_node *n = find_file(t, lists[k].path);

		if (n)
			r = read_one(i, t, n, lists[k].path, lists[k].read, err);
	}
	return r;
}

/* Where an image is put together without dpkg, each package has a file of its own. */
static int read_status_dir(struct inventory *i, const struct tree *t, struct werr **err)
{
	static const char path[] = "var/lib/dpkg/status.d";
	const struct tree_node *dir = tree_resolve(t, path);
	int r = 0;

	for (uint32_t k = 0; r == 0 && dir && k < dir->n; k++) {
		const struct tree_node *n = dir->children[k];

		if (S_ISREG(n->meta.mode) && !str_ends_with(n->name, ".md5sums"))
			r = read_one(i, t, n, path, dpkg_read_status, err);
	}
	return r;
}

static int read_rpms(struct inventory *i, const struct tree *t, struct werr **err)
{
	static const char *const before[] = {"var/lib/rpm/Packages", "var/lib/rpm/Packages.db",
		"usr/lib/sysimage/rpm/Packages", "usr/lib/sysimage/rpm/Packages.db"};

	for (size_t k = 0; rpm_databases[k]; k++) {
		const struct tree_node *n = find_file(t, rpm_databases[k]);
		struct io_range file;
		struct werr *why = NULL;
		int r;

		if (!n)
			continue;
		file = tree_file_range(t, n);
		r = rpm_read_database(&i->software, &file, &why);
		return note(i, r, rpm_databases[k], why, err);
	}
	for (size_t k = 0; k < ARRAY_SIZE(before); k++)
		if (find_file(t, before[k])) {
			strv_addf(&i->notes,
				"/%s is a database of rpm in an older format than SQLite",
				before[k]);
			break;
		}
	return 0;
}

static int find_licenses(struct inventory *i, const struct tree *t, struct werr **err)
{
	int r = 0;

	for (size_t k = 0; r == 0 && k < i->software.n; k++) {
		struct software *s = &i->software.items[k];
		CLEANUP(free)
		char *path = str_printf("usr/share/doc/%s/copyright", s->text[SOFTWARE_NAME]);
		const struct tree_node *n = s->kind == SOFTWARE_DEB ? find_file(t, path) : NULL;
		CLEANUP(free) char *text = NULL;
		CLEANUP(free) char *licenses = NULL;
		size_t size = 0;

		if (n && read_text(t, n, COPYRIGHT_MAX, &text, &size, NULL) == 0)
			licenses = dpkg_read_licenses(text, size);
		if (licenses)
			str_replace(&s->text[SOFTWARE_LICENSE], licenses);
		r = cancel_check(err);
	}
	return r;
}

/* ---- programs ---- */

struct programs {
	struct inventory *to;
	const struct tree *tree;
};

/* A tree_visit. */
static int read_program(struct tree_node *n, const char *path, void *ctx, struct werr **err)
{
	const struct programs *p = ctx;
	struct io_range file;
	struct werr *why = NULL;
	int r;

	if (!S_ISREG(n->meta.mode) || !(n->meta.mode & 0111) || n->file->size < PROGRAM_MIN)
		return 0;
	r = cancel_check(err);
	if (r < 0)
		return r;
	file = tree_file_range(p->tree, n);
	r = go_build_read(&p->to->software, &file, &why);
	return note(p->to, r, path, why, err);
}

/* ---- os-release ---- */

static char *release_value(const char *line)
{
	const char *from = line + strspn(line, "\"'");
	size_t n = strspn(from, "abcdefghijklmnopqrstuvwxyz0123456789._-");

	return str_dup_n(from, n);
}

static void read_release(struct inventory *i, const struct tree *t)
{
	const struct tree_node *n = find_file(t, "etc/os-release");
	CLEANUP(strv) struct strv lines = {0};
	CLEANUP(free) char *text = NULL;
	const char *line;
	size_t size;

	if (n && read_text(t, n, OS_RELEASE_MAX, &text, &size, NULL) == 0)
		strv_split(&lines, text, '\n');
	STRV_FOREACH (line, &lines) {
		const char *id = str_after(line, "ID=");
		const char *version = str_after(line, "VERSION_ID=");

		if (id && !i->distro)
			i->distro = release_value(id);
		if (version && !i->release)
			i->release = release_value(version);
	}
	i->distro = i->distro ? i->distro : str_dup("");
	i->release = i->release ? i->release : str_dup("");
}

int inventory_read(const struct tree *t, struct inventory *ret, struct werr **err)
{
	CLEANUP(inventory) struct inventory i = {0};
	int r = read_lists(&i, t, err);

	if (r == 0)
		r = read_status_dir(&i, t, err);
	if (r == 0)
		r = read_rpms(&i, t, err);
	if (r == 0)
		r = tree_walk(t, read_program, &(struct programs){&i, t}, err);
	if (r == 0)
		r = find_licenses(&i, t, err);
	if (r < 0)
		return r;
	read_release(&i, t);
	software_sort(&i.software);
	*ret = i;
	i = (struct inventory){0};
	return 0;
}
