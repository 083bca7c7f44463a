/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/owners.h"

#include <stdlib.h>
#include <string.h>

#include "base/cancel.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "inventory/dpkg.h"
#include "inventory/rpm.h"

enum { LIST_MAX = 16 << 20 };

struct finding {
	const struct tree *tree;
	const char *prefix;
	struct owners *to;
};

/* NULL: there is no such file, or it can't be read. */
static char *read_text(const struct finding *f, const struct tree_node *n, size_t *size)
{
	CLEANUP(reader) struct reader *from = NULL;
	char *text = NULL;

	if (!n || !S_ISREG(n->meta.mode))
		return NULL;
	from = tree_open_file(f->tree, n);
	return reader_read_all(from, LIST_MAX, &text, size, NULL) == 0 ? text : NULL;
}

static struct tree_node *find_node(const struct finding *f, const char *path)
{
	CLEANUP(free) char *full = path_join(f->prefix, path);

	return tree_resolve(f->tree, full);
}

/* ---- lists ---- */

/* "libc6" of "libc6:amd64.list"; owned by the caller. NULL: it has another end. */
static char *name_of(const char *file, const char *end)
{
	size_t n = strlen(file) - (str_ends_with(file, end) ? strlen(end) : 0);
	const char *colon = memchr(file, ':', n);

	return file[n] ? str_dup_n(file, colon ? (size_t)(colon - file) : n) : NULL;
}

typedef bool add_list(struct owners *o, const char *name, const char *text, size_t size);

static void read_dir(const struct finding *f, const char *path, const char *end, add_list *add)
{
	const struct tree_node *dir = find_node(f, path);
	bool has_room = true;

	for (uint32_t i = 0; dir && i < dir->n && has_room && !cancel_requested(); i++) {
		CLEANUP(free) char *name = name_of(dir->children[i]->name, end);
		size_t size = 0;
		CLEANUP(free) char *text = name ? read_text(f, dir->children[i], &size) : NULL;

		if (text)
			has_room = add(f->to, name, text, size);
	}
}

static void read_apk(const struct finding *f, const char *path)
{
	size_t size = 0;
	CLEANUP(free) char *text = read_text(f, find_node(f, path), &size);

	if (text)
		(void)owners_add_apk(f->to, text, size);
}

/* A rpm_visit_header. */
static int add_rpm(const unsigned char *p, size_t size, void *ctx, ATTR_UNUSED struct werr **err)
{
	return owners_add_rpm(ctx, p, size) ? 0 : 1;
}

static void read_rpm(const struct finding *f)
{
	const struct tree_node *n = NULL;

	for (size_t i = 0; !n && rpm_databases[i]; i++)
		n = find_node(f, rpm_databases[i]);
	if (n && S_ISREG(n->meta.mode)) {
		const struct io_range file = tree_file_range(f->tree, n);

		(void)rpm_visit_database(&file, add_rpm, f->to, NULL);
	}
}

/* ---- versions ---- */

static void add_status(const struct finding *f, const struct tree_node *n, struct software_list *l)
{
	size_t size = 0;
	CLEANUP(free) char *text = read_text(f, n, &size);

	if (text)
		(void)dpkg_read_status(l, text, size, NULL);
}

static int compare_names(const void *a, const void *b)
{
	const struct software *x = a, *y = b;

	return strcmp(x->text[SOFTWARE_NAME], y->text[SOFTWARE_NAME]);
}

static void find_versions(const struct finding *f)
{
	CLEANUP(software_list) struct software_list l = {0};
	const struct tree_node *dir = find_node(f, "var/lib/dpkg/status.d");

	add_status(f, find_node(f, "var/lib/dpkg/status"), &l);
	for (uint32_t i = 0; dir && i < dir->n; i++)
		if (!str_ends_with(dir->children[i]->name, ".md5sums"))
			add_status(f, dir->children[i], &l);
	if (l.n)
		qsort(l.items, l.n, sizeof(*l.items), compare_names);
	for (size_t i = 0; l.n && i < f->to->n; i++) {
		struct owners_package *p = &f->to->packages[i];
		struct software wanted = {.text[SOFTWARE_NAME] = p->name};
		const struct software *s =
			bsearch(&wanted, l.items, l.n, sizeof(*l.items), compare_names);

		if (p->kind == SOFTWARE_DEB && s)
			str_replace(&p->version, s->text[SOFTWARE_VERSION]);
	}
}

/* ---- files ---- */

/* Lists name files as they were when usr/lib was another directory than lib. */
static void make_real(const struct finding *f)
{
	struct owners *o = f->to;
	size_t n = 0;

	for (size_t i = 0; i < o->n_files; i++) {
		CLEANUP(free) char *full = path_join(f->prefix, o->files[i].path);
		const struct tree_node *node =
			cancel_requested() ? NULL : tree_find_through(f->tree, full);
		char *path = node && !S_ISDIR(node->meta.mode) ? tree_path(node) : NULL;
		const char *rest = path && *f->prefix ? str_after(path, f->prefix) : path;

		free(o->files[i].path);
		if (rest)
			o->files[n++] = (struct owners_file){
				str_dup(rest + strspn(rest, "/")), o->files[i].package};
		free(path);
	}
	o->n_files = n;
}

static int compare_files(const void *a, const void *b)
{
	const struct owners_file *x = a, *y = b;
	int c = strcmp(x->path, y->path);

	return c ? c : (x->package > y->package) - (x->package < y->package);
}

static void sort_files(struct owners *o)
{
	size_t n = 0;

	if (o->n_files)
		qsort(o->files, o->n_files, sizeof(*o->files), compare_files);
	for (size_t i = 0; i < o->n_files; i++)
		if (n > 0 && str_eq(o->files[n - 1].path, o->files[i].path))
			free(o->files[i].path);
		else
			o->files[n++] = o->files[i];
	o->n_files = n;
}

int owners_read(const struct tree *t, const char *prefix, struct owners *ret, struct werr **err)
{
	CLEANUP(owners) struct owners o = {0};
	const struct finding f = {t, prefix, &o};
	int r;

	read_dir(&f, "var/lib/dpkg/info", ".list", owners_add_list);
	read_dir(&f, "var/lib/dpkg/status.d", ".md5sums", owners_add_sums);
	read_apk(&f, "lib/apk/db/installed");
	if (!o.n_files)
		read_apk(&f, "usr/lib/apk/db/installed");
	read_rpm(&f);
	find_versions(&f);
	make_real(&f);
	r = cancel_check(err);
	if (r < 0)
		return r;
	sort_files(&o);
	*ret = o;
	o = (struct owners){0};
	return 0;
}

const struct owners_package *owners_find(const struct owners *o, const char *path)
{
	size_t from = 0, to = o->n_files;

	while (from < to) {
		size_t middle = from + (to - from) / 2;
		int c = strcmp(o->files[middle].path, path);

		if (c == 0)
			return &o->packages[o->files[middle].package];
		if (c < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return NULL;
}
