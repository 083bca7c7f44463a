/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/subject.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
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
	werr_pass(err, r < 0 ? STEAL(why) : STEAL(image_why));
	return r < 0 ? r : image;
}

int subject_open(const struct context *ctx, const struct choice_options *choice,
	const char *operand, struct subject *ret, struct werr **err)
{
	CLEANUP(subject) struct subject s = {.label = str_dup(operand)};
	int r = find(ctx, choice, operand, &s, err);

	if (r < 0)
		return r;
	*ret = s;
	s = (struct subject){0};
	return 0;
}

int subject_load(struct subject *s, bool with_contents, struct werr **err)
{
	int r = 0;

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

void subject_cleanup(struct subject *s)
{
	tree_free(s->tree);
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
