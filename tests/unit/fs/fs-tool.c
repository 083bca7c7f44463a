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

static const struct fs_format *const formats[] = {&fs_squashfs, &fs_iso9660};

static const struct fs_format *format_of(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		if (str_eq(formats[i]->name, name))
			return formats[i];
	return NULL;
}

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
	const struct fs_format *format = format_of(args[0]);
	struct fs_options options = {
		.scratch_dir = file_temp_parent(),
		.threads = (unsigned)strtoul(args[1], NULL, 10),
		.time = 1,
	};
	int r = tree_new(&t, file_temp_parent(), err);

	for (int i = 0; r == 0 && i < n_layers; i++)
		r = apply(t, args[3 + i], err);
	if (r < 0)
		return r;
	if (!format)
		return werr_set(err, WERR_USAGE, "'%s' is not a file system", args[0]);
	to = fd_writer_new(
		open(args[2], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644), FD_OWNED, args[2]);
	r = format->write(t, &options, to, err);
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
