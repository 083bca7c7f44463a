/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/doubts.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/path.h"
#include "hash/sha256-fields.h"
#include "plan/listing.h"
#include "plan/runnable.h"
#include "plan/rootfs.h"
#include "store/piece.h"

enum { DOUBTS_FORM = 1 };

/* ---- remembering that there was none ---- */

static void add_node(struct sha256 *h, const struct node *n)
{
	sha256_add_number(h, n->kind);
	sha256_add_field(h, n->text, n->size);
	sha256_add_number(h, n->n);
	for (size_t i = 0; i < n->n; i++) {
		if (n->kind == NODE_MAP)
			add_node(h, n->keys[i]);
		add_node(h, n->items[i]);
	}
}

static void key_of(const struct doubts_input *in, struct digest *ret)
{
	const struct config *c = in->config;
	CLEANUP(sha256) struct sha256 *h = sha256_new();
	char hex[SHA256_HEX + 1], platform[PLATFORM_TEXT_MAX];

	sha256_add_text(h, "doubts");
	sha256_add_number(h, DOUBTS_FORM);
	sha256_add_number(h, c->compat);
	sha256_add_text(h, platform_text(in->platform, platform));
	sha256_add_number(h, in->n);
	for (size_t i = 0; i < in->n; i++) {
		sha256_add_text(h, in->uses[i].image);
		sha256_add_text(h, in->tops[i] ? in->tops[i]->text : NULL);
	}
	sha256_add_number(h, c->n_documents);
	for (size_t i = 0; i < c->n_documents; i++)
		add_node(h, c->documents[i]->root);
	sha256_hex(h, hex);
	digest_from_hex(hex, ret);
}

static bool had_none(const struct doubts_input *in, const struct digest *key)
{
	struct piece piece = {.fd = -1};
	bool found = store_find_piece(in->store, key, &piece);

	piece_cleanup(&piece);
	return found;
}

static void remember_none(const struct doubts_input *in, const struct digest *key)
{
	CLEANUP(piece_writer) struct piece_writer *w = NULL;
	struct piece piece = {.fd = -1};

	if (store_new_piece(in->store, key, &w, NULL) == 0)
		piece_writer_finish(w, false, true, &piece);
	piece_cleanup(&piece);
}

/* ---- images ---- */

/* The images and their programs, as far as something has asked for them. */
struct looked {
	const struct doubts_input *in;
	struct image **own; /* that were looked up here */
	struct tree **programs;
};

static void looked_cleanup(struct looked *l)
{
	for (size_t i = 0; i < l->in->n; i++) {
		if (l->own[i])
			store_image_free(l->own[i]);
		if (l->programs[i])
			tree_free(l->programs[i]);
	}
	free(l->own);
	free(l->programs);
}

static const struct image *image_at(struct looked *l, size_t i)
{
	const struct doubts_input *in = l->in;
	CLEANUP(reference) struct reference exact = {0};

	if (in->images)
		return in->images[i];
	if (!l->own[i] && in->tops[i]) {
		reference_with_digest(in->uses[i].reference, in->tops[i], &exact);
		(void)store_find_image(in->store, &exact, in->platform, &l->own[i], NULL);
	}
	return l->own[i];
}

/* NULL: not known. */
static const struct tree *programs_at(struct looked *l, size_t i)
{
	const struct image *image = image_at(l, i);

	if (!l->programs[i] && image && !listing_find(l->in->store, image, &l->programs[i]))
		(void)rootfs_list(l->in->store, image, &l->programs[i], NULL);
	return l->programs[i];
}

static size_t index_of(const struct looked *l, const char *image)
{
	size_t i = 0;

	while (i < l->in->n && !str_eq(l->in->uses[i].image, image))
		i++;
	return i;
}

/* ---- the init images ---- */

/* Something of this name in the tree, or among the configuration's files; any: wherever it is. */
static int find_name(
	struct tree_node *n, ATTR_UNUSED const char *path, void *ctx, ATTR_UNUSED struct werr **err)
{
	const char *const *names = ctx;

	for (; !S_ISDIR(n->meta.mode) && *names; names++)
		if (str_eq(n->name, *names))
			return TREE_WALK_SKIP + 1;
	return 0;
}

static bool files_bring(const struct config *c, const char *const *names)
{
	for (size_t i = 0; i < c->n_files; i++) {
		CLEANUP(free) char *base = path_base(c->files[i].path);

		for (size_t k = 0; names[k]; k++)
			if (str_eq(base, names[k]))
				return true;
	}
	return false;
}

static void warn(struct werr **warnings, const struct node *n, const char *hint, const char *text)
{
	struct werr *w = NULL;

	werr_set(&w, WERR_INVALID, "%s", text);
	if (hint)
		werr_hint(&w, "%s", hint);
	node_place(&w, n);
	werr_append(warnings, w);
}

static void check_inits(struct looked *l, struct werr **warnings)
{
	static const char *const runtimes[] = {"crun", "runc", "youki", NULL};
	static const char *const init[] = {"init", NULL};
	const struct config *c = l->in->config;
	bool has_init = files_bring(c, init), has_runtime = files_bring(c, runtimes);

	for (size_t i = 0; i < c->init.n; i++) {
		const struct tree *t = programs_at(l, index_of(l, c->init.images[i]));

		if (!t)
			return;
		has_init = has_init || tree_find(t, "init");
		has_runtime = has_runtime ||
			      tree_walk(t, find_name, (void *)(uintptr_t)runtimes, NULL) > 0;
	}
	if (c->init.n == 0)
		return;
	if (c->kernel.image && !has_init && !strstr(c->kernel.cmdline, "init=") &&
		!strstr(c->kernel.cmdline, "root="))
		warn(warnings, c->init.nodes[0], "add an image that has it, such as @pkg:init",
			"no init image has an /init, which is what the kernel starts");
	if (c->n_containers > 0 && !has_runtime)
		warn(warnings, c->init.nodes[0], "add an image that has one, such as @pkg:crun",
			"no init image has an OCI runtime (crun or runc), which the containers "
			"need");
}

/* ---- the containers ---- */

static void add_file_mounts(
	const struct config *c, const struct config_container *entry, struct strv *mounts)
{
	for (size_t i = 0; i < c->n_files; i++) {
		const char *below = str_after(c->files[i].path, entry->dir);
		const char *slash = below && *below == '/' ? strchr(below + 1, '/') : NULL;

		if (slash)
			strv_add(mounts, slash);
	}
}

static void check_container(
	struct looked *l, const struct config_container *entry, struct werr **warnings)
{
	const struct config *c = l->in->config;
	size_t i = index_of(l, entry->image);
	const struct image *image = i < l->in->n ? image_at(l, i) : NULL;
	const struct node *command = node_get(entry->node, "command");
	CLEANUP(bundle_command) struct bundle_command info = {0};
	CLEANUP(free) char *text = NULL;
	CLEANUP(free) char *hint = NULL;
	const struct tree *t;

	if (!image || bundle_command_get(c, entry, image->config, &info, NULL) < 0 || !info.program)
		return;
	t = programs_at(l, i);
	add_file_mounts(c, entry, &info.mounts);
	if (!t || runnable_may_exist(t, &info))
		return;
	text = runnable_missing_text(&info, entry);
	hint = str_printf("'wherry ls %s' lists what is in it", entry->image);
	warn(warnings, info.of_entry ? command->items[0] : node_get(entry->node, "image"), hint,
		text);
}

void doubts_find(const struct doubts_input *in, struct werr **warnings)
{
	CLEANUP(looked)
	struct looked l = {
		in, mem_new_array(struct image *, in->n), mem_new_array(struct tree *, in->n)};
	struct werr *found = NULL;
	struct digest key;

	key_of(in, &key);
	if (had_none(in, &key))
		return;
	check_inits(&l, &found);
	for (size_t i = 0; i < in->config->n_containers; i++)
		check_container(&l, &in->config->containers[i], &found);
	if (!found)
		remember_none(in, &key);
	werr_append(warnings, found);
}
