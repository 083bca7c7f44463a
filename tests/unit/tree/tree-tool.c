/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tree-tool tar|cpio none|gzip|zstd OUT LAYER...: merge layers into one archive, for tests against
 * other tools.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "archive/archive.h"
#include "codec/codec.h"

static int apply(struct tree *t, const char *path, struct werr **err)
{
	CLEANUP(reader) struct reader *layer = NULL;
	int fd, r = file_open(path, &fd, err);

	if (r < 0)
		return r;
	layer = fd_reader_new(fd, FD_OWNED, path);
	return tree_apply_layer(t, layer, path, err);
}

static enum codec codec_of(const char *name)
{
	if (str_eq(name, codec_name(CODEC_GZIP)))
		return CODEC_GZIP;
	return str_eq(name, codec_name(CODEC_ZSTD)) ? CODEC_ZSTD : CODEC_NONE;
}

static int run(char **args, int n_layers, struct werr **err)
{
	CLEANUP(tree) struct tree *t = NULL;
	CLEANUP(writer) struct writer *file = NULL;
	CLEANUP(writer) struct writer *packed = NULL;
	CLEANUP(archiver) struct archiver *image = NULL;
	int r = tree_new(&t, getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp", err);

	for (int i = 0; r == 0 && i < n_layers; i++)
		r = apply(t, args[3 + i], err);
	if (r < 0)
		return r;
	file = fd_writer_new(
		open(args[2], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644), FD_OWNED, args[2]);
	r = compress_writer_new(file, codec_of(args[1]), 0, &packed, err);
	if (r < 0)
		return r;
	image = str_eq(args[0], "cpio") ? archiver_new_cpio(packed) : archiver_new_tar(packed);
	r = archiver_add_tree(image, t, &(struct archive_tree_options){.with_root = true}, err);
	if (r == 0)
		r = image->finish(image, err);
	return r == 0 ? writer_finish(packed, err) : r;
}

int main(int argc, char **argv)
{
	CLEANUP(werr) struct werr *err = NULL;

	if (argc < 5) {
		fprintf(stderr, "usage: tree-tool tar|cpio none|gzip|zstd OUT LAYER...\n");
		return 2;
	}
	if (run(argv + 1, argc - 4, &err) == 0)
		return 0;
	fprintf(stderr, "tree-tool: %s\n", err->message);
	return 1;
}
