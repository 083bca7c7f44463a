/* SPDX-License-Identifier: Apache-2.0 */
/* Importing an image from Docker or Podman, and giving them one. */
#include <errno.h>
#include <sys/stat.h>

#include "base/file.h"
#include "net/engine-api.h"
#include "net/engine-load.h"
#include "net/http.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "store/internal.h"
#include "store/registry.h"

/* Whether the store has all of the image that the engine calls so. */
static bool has_same(struct store *s, const struct reference *ref, const struct platform *platform,
	const char *id)
{
	CLEANUP(image) struct image *i = NULL;
	bool there = id && store_find_image(s, ref, platform, &i, NULL) == 0;

	there = there &&
		(str_eq(id, i->manifest->config.digest.text) ||
			str_eq(id, i->descriptor.digest.text) || str_eq(id, i->top.digest.text));
	for (size_t k = 0; there && k < i->manifest->n; k++)
		if (store_has_blob(s, &i->manifest->items[k].digest, &there, NULL) < 0)
			there = false;
	return there;
}

static int import(struct store *s, struct net *net, const char *socket, const char *name,
	const struct pull_options *options, bool *ret_there, struct werr **err)
{
	CLEANUP(strv) struct strv imported = {0};
	struct reader *tar = NULL;
	int r = engine_open_image(net, socket, name, &tar, err);

	if (r == 0)
		r = store_import_stream(s, tar, name, name, options->progress, &imported, err);
	*ret_there = r == 0 && strv_has(&imported, name);
	return r;
}

int store_import_engine(struct store *s, struct net *net, const char *socket,
	const struct reference *ref, const struct pull_options *options, bool *ret_there,
	struct werr **err)
{
	CLEANUP(engine_image) struct engine_image image = {0};
	const char *name = ref->name;
	bool has = false;
	int r;

	*ret_there = false;
	/* An engine saves another manifest than the one it pulled. */
	if (ref->digest)
		return 0;
	r = engine_look(net, socket, name, options->platform, &has, &image, err);
	if (r == 0 && has && has_same(s, ref, options->platform, image.id)) {
		log_detail("image %s is the same in the engine at %s", name, socket);
		*ret_there = true;
		return 0;
	}
	if (r == 0 && has)
		r = import(s, net, socket, name, options, ret_there, err);
	if (r < 0) {
		werr_wrap(err, "engine at %s", socket);
		return r;
	}
	if (*ret_there)
		log_detail("image %s from the engine at %s", name, socket);
	return 0;
}

int store_engine_names(struct net *net, const char *socket, struct strv *names, struct werr **err)
{
	return engine_list(net, socket, names, err);
}

/* A file without a name, from the place where it is read again after a login or a pause. */
static int open_file(const struct http_source *s, uint64_t offset, struct reader **ret,
	ATTR_UNUSED struct werr **err)
{
	*ret = fd_range_reader_new(*(const int *)s->ctx, "the image", offset, s->size - offset);
	return 0;
}

int store_export_engine(struct store *s, struct net *net, const char *socket,
	const struct reference *ref, const struct pull_options *options, struct werr **err)
{
	const struct export_options how = {
		.format = STORE_FORMAT_DOCKER, .platform = options->platform};
	CLEANUP(fd) int fd = -1;
	CLEANUP(writer) struct writer *to = NULL;
	struct http_source tar = {.open = open_file, .ctx = &fd};
	struct stat st;
	int r = file_open_unnamed(store_spool_dir(s), &fd, err);

	if (r < 0)
		return r;
	to = fd_writer_new(fd, FD_LENT, "the image");
	r = store_export(s, ref, 1, &how, to, err);
	if (r == 0)
		r = writer_finish(to, err);
	if (r == 0 && fstat(fd, &st) < 0)
		r = werr_errno(err, errno, "can't look at the image");
	if (r == 0) {
		tar.size = (uint64_t)st.st_size;
		r = engine_load(net, socket, &tar, err);
	}
	if (r < 0)
		werr_wrap(err, "can't give %s to the engine", ref->name);
	return r;
}
