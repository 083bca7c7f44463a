/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fat-tool SIZE LABEL [PATH FILE | PATH =SIZE]...: a FAT with copies of these files, or zeros, to
 * standard output; where each begins to standard error. For tests against other tools.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "disk/fat.h"

static int add(struct fat_file *file, const char *path, const char *what, struct werr **err)
{
	struct io_range range = {.fd = -1};
	struct stat st;
	int r;

	file->path = path;
	if (*what == '=') {
		file->content.size = strtoull(what + 1, NULL, 10);
		return 0;
	}
	r = file_open(what, &range.fd, err); /* until the program ends */
	if (r < 0 || fstat(range.fd, &st) < 0)
		return r < 0 ? r : werr_errno(err, 0, "%s", what);
	file->content.size = range.size = (uint64_t)st.st_size;
	return extents_add_range(&file->content, 0, &range, err);
}

static int run(char **args, size_t n, struct werr **err)
{
	CLEANUP(writer) struct writer *to = fd_writer_new(STDOUT_FILENO, FD_LENT, "stdout");
	CLEANUP(free) struct fat_file *files = mem_new_array(struct fat_file, n);
	CLEANUP(extents) struct extents image = {0};
	struct fat f = {.files = files,
		.n = n,
		.label = *args[1] ? args[1] : NULL,
		.serial = 0x12345678,
		.time = 1492533000,
		.size = strtoull(args[0], NULL, 10)};
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++)
		r = add(&files[i], args[2 + 2 * i], args[3 + 2 * i], err);
	if (r == 0)
		r = fat_place(&f, err);
	for (size_t i = 0; r == 0 && i < n; i++)
		fprintf(stderr, "%" PRIu64 "\n", files[i].at);
	if (r == 0)
		r = fat_put(&f, &image, err);
	if (r == 0)
		r = extents_write(&image, 0, image.size, to, err);
	for (size_t i = 0; i < n; i++)
		extents_cleanup(&files[i].content);
	return r;
}

int main(int argc, char **argv)
{
	CLEANUP(werr) struct werr *err = NULL;

	if (argc < 3 || argc % 2 == 0) {
		fprintf(stderr, "usage: fat-tool SIZE LABEL [PATH FILE | PATH =SIZE]...\n");
		return 2;
	}
	if (run(argv + 1, (size_t)(argc - 3) / 2, &err) == 0)
		return 0;
	fprintf(stderr, "fat-tool: %s\n", err->message);
	return 1;
}
