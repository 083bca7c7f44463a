/* SPDX-License-Identifier: Apache-2.0 */
/* fs-tool FORMAT THREADS OUT LAYER...: the layers merged, as a file system. For tests against other
 * tools. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "fs/fs.h"
#include "image.h"

static int apply(struct tree *t, const char *path, struct werr **err)
{
	CLEANUP(reader) struct reader *layer = NULL;
	int fd, r = file_open(path, &fd, err);

	if (r < 0)
		return r;
	layer = fd_reader_new(fd, FD_OWNED, path);
	return tree_apply_layer(t, layer, path, err);
}

static int run(char **args, int n_layers, struct werr **err)
{
	CLEANUP(tree) struct tree *t = NULL;
	CLEANUP(writer) struct writer *to = NULL;
	const struct packed_format *format = packed_format_find(args[0]);
	unsigned threads = (unsigned)strtoul(args[1], NULL, 10);
	const struct packed_options packed = {.threads = threads};
	const struct fs_options options = {
		.scratch_dir = file_temp_parent(), .threads = threads, .time = 1};
	int r = tree_new(&t, file_temp_parent(), err);

	for (int i = 0; r == 0 && i < n_layers; i++)
		r = apply(t, args[3 + i], err);
	if (r < 0)
		return r;
	if (!format && !str_eq(args[0], fs_iso9660.name))
		return werr_set(err, WERR_USAGE, "'%s' is not a file system", args[0]);
	to = fd_writer_new(
		open(args[2], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644), FD_OWNED, args[2]);
	r = format ? image_write(format, t, &packed, to, err)
		   : fs_iso9660.write(t, &options, to, err);
	return r == 0 ? writer_finish(to, err) : r;
}

int main(int argc, char **argv)
{
	CLEANUP(werr) struct werr *err = NULL;

	if (argc < 5) {
		fprintf(stderr, "usage: fs-tool FORMAT THREADS OUT LAYER...\n");
		return 2;
	}
	if (run(argv + 1, argc - 4, &err) == 0)
		return 0;
	fprintf(stderr, "fs-tool: %s\n", err->message);
	return 1;
}
