/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/run-image.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "cli/image-choice.h"
#include "contract/outputs.h"
#include "net/net.h"
#include "store/registry.h"
#include "vm/artifact.h"
#include "vm/machines.h"

enum { DIGITS = 12 };

/* Whether the name begins with that of its registry, and not with a directory of this machine's. */
static bool names_registry(const struct reference *ref)
{
	const char *rest = str_after(ref->text, ref->registry);

	return rest && *rest == '/' && !file_exists(ref->registry);
}

static int pull(const struct context *ctx, struct store *store, const struct reference *ref,
	const struct platform *platform, struct werr **err)
{
	CLEANUP(net) struct net *net = NULL;
	struct werr *why = NULL;
	int r = context_open_net(ctx, &net, err);

	if (r == 0)
		r = store_pull(store, net, ref, 1,
			&(struct pull_options){.platform = platform, .progress = ctx->progress},
			&why, err);
	if (why)
		werr_pass(err, why);
	if (r < 0) {
		werr_wrap(err, "can't pull %s", ref->text);
		werr_hint(err, "nothing here is called so: it was taken for the name of an image");
	}
	return r;
}

/* *ret stays NULL when the operand does not mean an artifact. */
static int find(const struct context *ctx, struct store *store, const struct choice_options *choice,
	const struct reference *ref, struct image **ret, struct werr **err)
{
	CLEANUP(image) struct image *image = NULL;
	CLEANUP(werr) struct werr *why = NULL;
	struct platform platform;
	bool given, named = names_registry(ref);
	int r = choice_open_any(choice, store, ref->text, &image, &why);

	/* A short name is rather that of outputs, such as nginx. */
	if (!named && (r == -ENOENT || (r == 0 && image->config)))
		return 0;
	if (r == -ENOENT) {
		r = choice_platform(choice, &platform, &given, err);
		if (r == 0)
			r = pull(ctx, store, ref, &platform, err);
		if (r == 0)
			r = choice_open_any(choice, store, ref->text, &image, err);
	} else if (r < 0) {
		werr_pass(err, STEAL(why));
	}
	if (r == 0)
		*ret = STEAL(image);
	return r;
}

/* The file that --format oci wrote, by way of a store of its own; whatever name is in it. */
static int find_in_file(const struct choice_options *choice, struct store *store, const char *path,
	const struct progress *progress, struct image **ret, struct werr **err)
{
	static const char name[] = "localhost/os:latest";
	CLEANUP(strv) struct strv imported = {0};
	int r = store_import(store, path, name, progress, &imported, err);

	if (r < 0)
		return r;
	r = choice_open_any(choice, store, name, ret, err);
	werr_wrap(err, "%s", path);
	return r;
}

static int choose_arch(const struct image *image, struct run_image *ret, struct werr **err)
{
	const char *const *arch = qemu_architectures();

	if (platform_is_any(&image->platform))
		return 0;
	while (*arch && !str_eq(*arch, image->platform.arch))
		arch++;
	ret->arch = *arch;
	return *arch ? 0
		     : werr_set(err, WERR_UNSUPPORTED,
			       "there is no machine here for %s, which %s is for",
			       image->platform.arch, image->name);
}

static int choose_state(
	const struct qemu_options *o, const char *operand, struct run_image *ret, struct werr **err)
{
	CLEANUP(free) char *machine = vm_machine_of_image(operand);
	int r;

	if (!o->state && !o->detached) {
		r = file_temp_dir(file_temp_parent(), "wherry", &ret->temporary, err);
		if (r == 0)
			ret->state = str_dup(ret->temporary);
		return r;
	}
	ret->state = o->state ? str_dup(o->state) : str_printf("%s-state", machine);
	r = file_make_dirs(ret->state, 0700, err);
	return r < 0 ? r : vm_machine_check_dir(ret->state, err);
}

static int choose_dirs(const struct qemu_options *o, const char *operand, const struct image *image,
	struct run_image *ret, char **ret_dir, struct werr **err)
{
	CLEANUP(free) char *digits = str_dup_n(digest_hex(&image->descriptor.digest), DIGITS);
	int r = choose_state(o, operand, ret, err);

	if (r < 0)
		return r;
	/* A newer image does not get an older one's disk. */
	*ret_dir = str_printf("%s/image-%s", ret->state, digits);
	return file_make_dirs(*ret_dir, 0700, err);
}

/* What is kept is the machine's own: it may have written to its disk. */
static int place(struct store *store, const struct vm_artifact *a, const char *dir, bool keep,
	struct werr **err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < a->n; i++) {
		const struct descriptor *d = a->files[i];
		CLEANUP(free)
		char *path = path_join(dir, descriptor_annotation(d, ANNOTATION_TITLE));
		bool there = false;

		if (keep)
			r = file_look(path, &there, err);
		if (r == 0 && !there)
			r = store_place_blob(
				store, d, keep ? STORE_PLACE_COPY : STORE_PLACE_TO_READ, path, err);
	}
	return r;
}

static int prepare(struct store *store, const struct qemu_options *o, const char *operand,
	const struct image *image, struct run_image *ret, struct werr **err)
{
	CLEANUP(vm_artifact) struct vm_artifact artifact = {0};
	CLEANUP(free) char *dir = NULL;
	int r = vm_artifact_read(image->manifest, operand, o->iso, &artifact, err);

	if (r == 0)
		r = choose_arch(image, ret, err);
	if (r == 0)
		r = choose_dirs(o, operand, image, ret, &dir, err);
	if (r == 0)
		r = place(store, &artifact, dir, !ret->temporary, err);
	if (r == 0)
		ret->path = path_join(dir, artifact.path);
	return r;
}

static int prepare_file(const struct context *ctx, const struct qemu_options *o,
	const struct choice_options *choice, const char *path, struct run_image *ret,
	struct werr **err)
{
	CLEANUP(free) char *dir = NULL;
	CLEANUP(store) struct store *store = NULL;
	CLEANUP(image) struct image *image = NULL;
	int r = file_temp_dir(file_temp_parent(), "wherry", &dir, err);

	if (r < 0)
		return r;
	r = store_open(&store, dir, err);
	if (r == 0)
		r = find_in_file(choice, store, path, ctx->progress, &image, err);
	if (r == 0)
		r = prepare(store, o, path, image, ret, err);
	if (file_remove_all(dir, NULL) < 0)
		log_warning("can't remove %s", dir);
	return r;
}

bool run_image_is_file(const char *operand)
{
	return str_ends_with(operand, OUTPUT_OCI) && file_exists(operand);
}

int run_image_find(const struct context *ctx, const struct qemu_options *o, const char *operand,
	struct run_image *ret, struct werr **err)
{
	const struct choice_options choice = {.arch = o->arch};
	CLEANUP(reference) struct reference ref = {0};
	CLEANUP(store) struct store *store = NULL;
	CLEANUP(image) struct image *image = NULL;
	int r;

	if (run_image_is_file(operand))
		return prepare_file(ctx, o, &choice, operand, ret, err);
	if (reference_parse(operand, &ref, NULL) < 0 ||
		(!names_registry(&ref) && !context_has_store(ctx)))
		return 0;
	r = context_open_store(ctx, &store, err);
	if (r == 0)
		r = find(ctx, store, &choice, &ref, &image, err);
	return r < 0 || !image ? r : prepare(store, o, operand, image, ret, err);
}

void run_image_cleanup(struct run_image *i)
{
	if (i->temporary && file_remove_all(i->temporary, NULL) < 0)
		log_warning("can't remove %s", i->temporary);
	free(i->temporary);
	free(i->state);
	free(i->path);
	*i = (struct run_image){0};
}
