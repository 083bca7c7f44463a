/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/yml-files.h"

#include "base/mem.h"
#include "base/path.h"
#include "pkg/build-yml.h"

struct file_entry {
	char *path, *source, *symlink;
	const struct node *contents;
	bool directory;
	uint64_t mode, uid, gid;
	bool has_mode;
};

static void read_contents(struct yml_context *c, const char *key, const struct node *n, void *dst)
{
	if (n->kind != NODE_SCALAR)
		yml_error(c, n, "'%s' must be a text, not %s", key, node_kind_name(n));
	*(const struct node **)dst = n;
}

static void read_mode(struct yml_context *c, const char *key, const struct node *n, void *dst)
{
	struct file_entry *e = dst;

	if (n->kind != NODE_SCALAR || str_to_u64(n->text, 8, &e->mode) < 0 || e->mode > 07777)
		yml_error(c, n, "'%s' must be an octal number like \"0755\"", key);
	e->has_mode = true;
}

static void read_id(struct yml_context *c, const char *key, const struct node *n, void *dst)
{
	if (!node_to_u64(n, dst) || *(uint64_t *)dst >= UINT32_MAX)
		yml_error(c, n, "'%s' must be a number", key);
}

static const struct yml_field file_fields[] = {
	{"path", yml_text, offsetof(struct file_entry, path), YML_TEXT, "where it is in the image",
		.required = true},
	{"source", yml_text, offsetof(struct file_entry, source), YML_TEXT,
		"file or directory of the package, or below $OUT/"},
	{"contents", read_contents, offsetof(struct file_entry, contents), YML_TEXT,
		"the file's bytes"},
	{"symlink", yml_text, offsetof(struct file_entry, symlink), YML_TEXT,
		"it is a link with this target"},
	{"directory", yml_bool, offsetof(struct file_entry, directory), YML_BOOL,
		"it is an empty directory"},
	{"mode", read_mode, 0, YML_TEXT,
		"octal mode (default: 0755 for directories and programs, 0644 for others)"},
	{"uid", read_id, offsetof(struct file_entry, uid), YML_NUMBER, "owner (default: 0)"},
	{"gid", read_id, offsetof(struct file_entry, gid), YML_NUMBER, "group (default: 0)"},
	{0},
};
const struct yml_map yml_files_map = {"file", file_fields};

/* Exactly one of the ways to fill a file must be used. */
static void set_kind(
	struct yml_context *c, const struct node *n, const struct file_entry *e, struct pkg_file *f)
{
	unsigned ways =
		(e->source != NULL) + (e->contents != NULL) + (e->symlink != NULL) + e->directory;

	if (ways != 1) {
		yml_error(c, n,
			"a file needs one of source, contents, symlink and directory, not %u",
			ways);
		return;
	}
	f->kind = e->source     ? PKG_FILE_SOURCE
		  : e->contents ? PKG_FILE_CONTENTS
		  : e->symlink  ? PKG_FILE_SYMLINK
				: PKG_FILE_DIRECTORY;
	f->text = str_dup(e->source ? e->source : e->contents ? e->contents->text : e->symlink);
	f->size = e->contents ? e->contents->size : 0;
}

/* Whether the path is in the package's directory; links there are handled when it is opened. */
static void check_source(struct yml_context *c, const struct node *n, const char *source)
{
	const char *rest = str_after(source, PKG_OUT);
	const char *path = rest && *rest == '/' ? rest + 1 : rest && !*rest ? rest : source;
	CLEANUP(free) char *inside = path_inside(path);

	if (!inside || *path == '/')
		yml_error(c, n,
			"the source '%s' is not in the package's directory; extra-sources can add "
			"another one",
			source);
}

static void take_file(
	struct yml_context *c, const char *what, const struct node *n, struct pkg_file *f)
{
	struct file_entry e = {0};

	f->node = n;
	yml_read(c, what, n, file_fields, &e);
	if (n->kind == NODE_MAP)
		set_kind(c, n, &e, f);
	if (e.source)
		check_source(c, n, e.source);
	if (e.path) {
		f->path = path_inside(e.path);
		if (!f->path || !*f->path)
			yml_error(c, n, "the path '%s' can't be in an image", e.path);
	}
	f->has_mode = e.has_mode;
	f->mode = (uint32_t)e.mode;
	f->uid = (uint32_t)e.uid;
	f->gid = (uint32_t)e.gid;
	free(e.path);
	free(e.source);
	free(e.symlink);
}

void yml_files(struct yml_context *c, const char *key, const struct node *n, void *dst)
{
	struct pkg_yml *y = dst;
	size_t cap = 0;

	if (!yml_is_list(c, key, n))
		return;
	for (size_t i = 0; i < n->n; i++) {
		CLEANUP(free) char *what = str_printf("files[%zu]", i);

		mem_grow(&y->files, y->n_files, &cap, sizeof(*y->files));
		take_file(c, what, n->items[i], &y->files[y->n_files++]);
	}
}
