/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/subject.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "cli/input-lock.h"
#include "hash/sha256.h"
#include "plan/rootfs.h"
#include "vm/artifact.h"

static int temporary_dir(struct subject *s, struct werr **err)
{
	return s->temporary ? 0 : file_temp_dir(file_temp_parent(), "wherry", &s->temporary, err);
}

/* ---- artifacts ---- */

static int place_files(
	struct subject *s, const struct vm_artifact *a, const char *dir, struct werr **err)
{
	int r = file_make_dirs(dir, 0700, err);

	for (size_t i = 0; r == 0 && i < a->n; i++) {
		CLEANUP(free)
		char *path = path_join(dir, descriptor_annotation(a->files[i], ANNOTATION_TITLE));

		r = store_place_blob(s->store, a->files[i], STORE_PLACE_TO_READ, path, err);
	}
	return r;
}

/* What is started of an artifact is what is looked into. */
static int open_artifact(struct subject *s, struct werr **err)
{
	CLEANUP(vm_artifact) struct vm_artifact artifact = {0};
	CLEANUP(free) char *dir = NULL;
	CLEANUP(free) char *path = NULL;
	enum look_found found = LOOK_NOTHING;
	int r = vm_artifact_read(s->image->manifest, s->label, false, &artifact, err);

	if (r == 0)
		r = temporary_dir(s, err);
	if (r < 0)
		return r;
	dir = path_join(s->temporary, "files");
	r = place_files(s, &artifact, dir, err);
	path = path_join(dir, artifact.path);
	if (r == 0)
		r = look_open(path, &found, &s->look, err);
	if (r == 0 && found != LOOK_OUTPUT)
		r = werr_set(err, WERR_INVALID, "%s has no output that is known here", s->label);
	if (r == 0)
		look_use_store(s->look, s->store);
	return r;
}

/* ---- what an operand means ---- */

static int open_images(const struct context *ctx, const struct choice_options *choice,
	const char *operand, struct subject *s, struct werr **err)
{
	static const char name[] = "localhost/os:latest";
	CLEANUP(strv) struct strv imported = {0};
	CLEANUP(free) char *dir = NULL;
	int r = temporary_dir(s, err);

	if (r < 0)
		return r;
	dir = path_join(s->temporary, "store");
	r = store_open(&s->store, dir, err);
	if (r == 0)
		r = store_import(s->store, operand, name, ctx->progress, &imported, err);
	if (r == 0)
		r = choice_open_any(choice, s->store, name, &s->image, err);
	return r;
}

static int open_image(const struct context *ctx, const struct choice_options *choice,
	const char *operand, struct subject *s, struct werr **err)
{
	int r = s->store ? 0 : context_open_store(ctx, &s->store, err);

	if (r == 0)
		r = choice_open_any(choice, s->store, operand, &s->image, err);
	if (r == 0) {
		free(s->label);
		s->label = str_printf("image %s", s->image->name);
	}
	return r;
}

/* What is at a path that names neither an output nor an image; 0: nothing. */
static int check_path(const char *path, struct werr **err)
{
	struct stat st;
	int r;

	if (lstat(path, &st) < 0)
		return 0;
	if (stat(path, &st) < 0)
		return werr_errno(err, errno, "can't open %s", path);
	r = werr_set(
		err, WERR_INVALID, "%s is a directory without outputs that are known here", path);
	werr_hint(err, "there is no image of that name in the store either");
	return r;
}

/* A path that is no reference, such as ./os, can only be that of outputs. */
static int find(const struct context *ctx, const struct choice_options *choice, const char *operand,
	struct subject *s, struct werr **err)
{
	CLEANUP(werr) struct werr *why = NULL, *image_why = NULL;
	enum look_found found = LOOK_NOTHING;
	bool there = file_exists(operand);
	int r = there ? look_open(operand, &found, &s->look, &why) : 0, image;

	if (r == 0 && found == LOOK_IMAGES)
		return open_images(ctx, choice, operand, s, err);
	if (r == 0 && found == LOOK_OUTPUT)
		return 0;
	if (r < 0 && r != werr_code(WERR_INVALID)) {
		werr_pass(err, STEAL(why));
		return r;
	}
	image = open_image(ctx, choice, operand, s, &image_why);
	if (image == 0)
		return 0;
	if (r == 0)
		r = look_open(operand, &found, &s->look, &why);
	if (r == 0 && found == LOOK_OUTPUT)
		return 0;
	if (r == 0)
		r = check_path(operand, &why);
	werr_pass(err, r < 0 ? STEAL(why) : STEAL(image_why));
	return r < 0 ? r : image;
}

/* ---- YAML ---- */

static bool is_yaml(const char *operand)
{
	return str_ends_with(operand, ".yml") || str_ends_with(operand, ".yaml");
}

/* What a build makes of it by default, of images that the cache has. */
static int open_yaml(const struct context *ctx, const struct subject_options *o,
	const char *operand, struct subject *s, struct werr **err)
{
	static const struct input_lock_options no_lock_options;
	const char *const files[] = {operand, NULL};
	struct build_options b = {
		.release = true, .sbom = "sbom.spdx.json", .progress = ctx->progress};
	int r = input_load(ctx, &o->input, files, &s->config, err);

	if (r == 0)
		r = codec_parse(
			input_is_compat(ctx, &o->input) ? "gzip" : "zstd", &b.compression, err);
	if (r == 0)
		r = input_platform(&o->input, &b.images.platform, err);
	if (r == 0)
		r = context_open_store(ctx, &s->store, err);
	b.images.store = s->store;
	if (r == 0)
		r = input_lock_prepare(
			files, &no_lock_options, s->config, &b.images, &s->lock, err);
	if (r == 0)
		r = holdings_make(s->config, &b, &s->holdings, err);
	if (r == 0)
		s->tree = s->holdings.tree;
	return r;
}

/* What is known of an output's archives is in the cache, if there is one. */
static void lend_store(const struct context *ctx, struct subject *s)
{
	if (s->look && !s->store && context_has_store(ctx))
		(void)context_open_store(ctx, &s->store, NULL);
	if (s->look && s->store)
		look_use_store(s->look, s->store);
}

int subject_open(const struct context *ctx, const struct subject_options *o, const char *operand,
	struct subject *ret, struct werr **err)
{
	CLEANUP(subject) struct subject s = {.label = str_dup(operand)};
	struct choice_options choice = o->choice;
	int r;

	choice.arch = choice.arch ? choice.arch : o->input.arch;
	r = is_yaml(operand) && file_exists(operand) ? open_yaml(ctx, o, operand, &s, err)
						     : find(ctx, &choice, operand, &s, err);

	if (r < 0)
		return r;
	lend_store(ctx, &s);
	*ret = s;
	s = (struct subject){0};
	return 0;
}

int subject_load(struct subject *s, bool with_contents, struct werr **err)
{
	int r = 0;

	if (s->config)
		return 0;
	if (s->image && !s->image->config && !s->look)
		r = open_artifact(s, err);
	if (r < 0)
		return r;
	if (!s->look && with_contents)
		return rootfs_load(s->store, s->image, NULL, &s->tree, err);
	if (!s->look)
		return rootfs_list(s->store, s->image, &s->tree, err);
	r = look_load(s->look, with_contents ? file_temp_parent() : NULL, &s->tree, err);
	if (r < 0)
		werr_wrap(err, "%s", s->label);
	return r;
}

bool subject_has_xattrs(const struct subject *s)
{
	return !s->look || look_has_xattrs(s->look);
}

/* ---- files ---- */

static int read_yaml(
	const struct subject *s, const struct tree_node *n, struct writer *to, struct werr **err)
{
	CLEANUP(tree) struct tree *part = NULL;
	CLEANUP(reader) struct reader *content = NULL;
	CLEANUP(free) char *path = tree_path(n);
	const struct tree_node *found;
	int r = holdings_load_part(&s->holdings, n, &part, err);

	if (r < 0)
		return r;
	found = tree_find_through(part, path);
	if (!found || !S_ISREG(found->meta.mode))
		return werr_set(err, WERR_FAILED, "/%s has changed meanwhile", path);
	content = tree_open_file(part, found);
	return io_copy(content, to, NULL, err);
}

int subject_read(
	const struct subject *s, const struct tree_node *n, struct writer *to, struct werr **err)
{
	CLEANUP(reader) struct reader *content = NULL;

	if (s->config)
		return read_yaml(s, n, to, err);
	content = tree_open_file(s->tree, n);
	return io_copy(content, to, NULL, err);
}

/* NULL: it has to be computed. */
static const char *known_hash(const struct subject *s, const struct tree_node *n)
{
	const struct holdings_file *f = s->config ? holdings_find(&s->holdings, n) : NULL;

	return f && *f->sha256 ? f->sha256 : s->look ? look_hash(s->look, n) : NULL;
}

int subject_hash(const struct subject *s, const struct tree_node *n,
	char ret[static SHA256_HEX + 1], struct werr **err)
{
	const char *known = known_hash(s, n);
	CLEANUP(reader) struct reader *content = NULL;
	CLEANUP(sha256) struct sha256 *h = NULL;
	CLEANUP(free) char *chunk = NULL;
	size_t got = 1;
	int r = 0;

	if (known) {
		str_copy(ret, SHA256_HEX + 1, known);
		return 0;
	}
	h = sha256_new();
	chunk = mem_alloc(IO_CHUNK);
	content = s->config ? mem_reader_new("", 0) : tree_open_file(s->tree, n);
	while (r == 0 && got > 0) {
		r = reader_read(content, chunk, IO_CHUNK, &got, err);
		if (r == 0)
			sha256_add(h, chunk, got);
	}
	sha256_hex(h, ret);
	return r;
}

void subject_cleanup(struct subject *s)
{
	if (!s->config)
		tree_free(s->tree);
	holdings_cleanup(&s->holdings);
	if (s->lock)
		lockfile_free(s->lock);
	if (s->config)
		config_free(s->config);
	look_free(s->look);
	if (s->image)
		store_image_free(s->image);
	if (s->store)
		store_free(s->store);
	if (s->temporary && file_remove_all(s->temporary, NULL) < 0)
		log_warning("can't remove %s", s->temporary);
	free(s->temporary);
	free(s->label);
	*s = (struct subject){0};
}
