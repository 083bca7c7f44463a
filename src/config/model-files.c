/* SPDX-License-Identifier: Apache-2.0 */
/* From nodes to files. */
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "config/model-build.h"
#include "config/model.h"
#include "config/values.h"

static void set_contents(struct config_file *f, const struct node *n)
{
	f->contents = str_dup_n(n->text, n->size);
	f->size = n->size;
}

static void set_target(struct config_file *f, const struct node *n)
{
	f->target = str_dup(n->text);
}

/* A source depends on more than its node; the whole configuration is only known at the end. */
static void set_later(ATTR_UNUSED struct config_file *f, ATTR_UNUSED const struct node *n)
{
}

static const struct kind {
	const char *key;
	enum config_file_kind kind;
	void (*set)(struct config_file *f, const struct node *n);
} kinds[] = {{"contents", FILE_CONTENTS, set_contents}, {"source", FILE_SOURCE, set_later},
	{"metadata", FILE_METADATA, set_later}, {"symlink", FILE_SYMLINK, set_target}};

static void set_kind(struct config_file *f, const struct node *n)
{
	f->kind = FILE_DIRECTORY;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		const struct node *value = node_get(n, kinds[i].key);

		if (!value || (value->size == 0 && kinds[i].kind != FILE_CONTENTS))
			continue;
		f->kind = kinds[i].kind;
		kinds[i].set(f, value);
	}
}

static uint32_t owner(const struct config *c, const struct node *n, const char *key)
{
	const struct node *value = node_get(n, key);
	uint32_t id = 0;

	return value && config_id_of(c, value, &id) ? id : 0;
}

static void add_file(struct config *c, size_t *cap, const struct node *n)
{
	const char *mode = node_get_text(n, "mode");
	const struct node *optional = node_get(n, "optional");
	struct config_file *f;

	mem_grow(&c->files, c->n_files, cap, sizeof(*f));
	f = &c->files[c->n_files++];
	f->path = path_inside(node_get_text(n, "path"));
	set_kind(f, n);
	if (f->kind == FILE_SOURCE)
		f->source = config_file_source(c, node_get(n, "source"));
	f->mode = f->kind == FILE_DIRECTORY ? 0700 : 0600;
	if (mode)
		value_parse_mode(mode, &f->mode);
	f->uid = owner(c, n, "uid");
	f->gid = owner(c, n, "gid");
	if (optional)
		node_to_bool(optional, &f->optional);
	f->node = n;
}

void config_build_files(struct config *c, struct checker *checker)
{
	size_t cap = 0;

	for (size_t d = 0; d < c->n_documents; d++) {
		const struct node *list = node_get(c->documents[d]->root, "files");

		for (size_t i = 0; list && list->kind == NODE_LIST && i < list->n; i++) {
			config_check_id(c, checker, node_get(list->items[i], "uid"));
			config_check_id(c, checker, node_get(list->items[i], "gid"));
			if (checker->n_errors == 0)
				add_file(c, &cap, list->items[i]);
		}
	}
}

static int set_metadata(const struct config *c, struct config_file *f, bool json, struct werr **err)
{
	const struct resolved_options options = {.json = json, .full_names = true};
	CLEANUP(buf) struct buf out = BUF_INIT(CONFIG_TEXT_MAX);
	int r = config_write(c, &options, &out, err);

	if (r < 0)
		return r;
	f->size = out.len;
	f->contents = buf_steal(&out);
	return 0;
}

void config_build_metadata(struct config *c, struct checker *checker)
{
	for (size_t i = 0; i < c->n_files; i++) {
		struct config_file *f = &c->files[i];
		const struct node *form = node_get(f->node, "metadata");
		struct werr *err = NULL;

		if (f->kind != FILE_METADATA ||
			set_metadata(c, f, str_eq(form->text, "json"), &err) == 0)
			continue;
		checker_take(checker, form, err);
	}
}
