/* SPDX-License-Identifier: Apache-2.0 */
/*
 * disk-tool FORMAT[+zlib|+zstd][@THREADS] SIZE [AT TEXT | AT FILE:OFFSET:SIZE]...: a disk with
 * these extents, to standard output. For tests against other tools.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "disk/disk.h"

static int add(struct extents *d, const char *at, const char *what, struct werr **err)
{
	uint64_t offset = strtoull(at, NULL, 10);
	struct io_range range = {.fd = -1};
	char path[256];

	if (sscanf(what, "%255[^:]:%" SCNu64 ":%" SCNu64, path, &range.offset, &range.size) == 3) {
		int r = file_open(path, &range.fd, err); /* until the program ends */

		return r < 0 ? r : extents_add_range(d, offset, &range, err);
	}
	return extents_add_bytes(d, offset, what, strlen(what), err);
}

static const struct disk_format *parse_format(char *text, struct disk_options *o)
{
	char *threads = strchr(text, '@'), *compression;

	if (threads)
		*threads++ = 0;
	o->threads = threads ? (unsigned)strtoul(threads, NULL, 10) : 0;
	compression = strchr(text, '+');
	if (compression) {
		o->compression = str_eq(compression, "+zlib") ? DISK_ZLIB : DISK_ZSTD;
		*compression = 0;
	}
	for (size_t i = 0; i < sizeof(o->id); i++)
		o->id[i] = (unsigned char)(i * 7 + 1);
	return disk_format_find(text);
}

static int run(char **args, int n_extents, struct werr **err)
{
	CLEANUP(extents) struct extents d = {.size = strtoull(args[1], NULL, 10)};
	CLEANUP(writer) struct writer *to = fd_writer_new(STDOUT_FILENO, FD_LENT, "stdout");
	struct disk_options o = {0};
	const struct disk_format *format = parse_format(args[0], &o);
	int r = 0;

	if (!format)
		return werr_set(err, WERR_USAGE, "'%s' is not a disk format", args[0]);
	for (int i = 0; r == 0 && i < n_extents; i++)
		r = add(&d, args[2 + 2 * i], args[3 + 2 * i], err);
	if (r == 0)
		r = format->write(&d, &o, to, err);
	return r == 0 ? writer_finish(to, err) : r;
}

int main(int argc, char **argv)
{
	CLEANUP(werr) struct werr *err = NULL;

	if (argc < 3 || argc % 2 == 0) {
		fprintf(stderr, "usage: disk-tool FORMAT[+zlib|+zstd][@THREADS] SIZE "
				"[AT TEXT | AT FILE:OFFSET:SIZE]...\n");
		return 2;
	}
	if (run(argv + 1, (argc - 3) / 2, &err) == 0)
		return 0;
	fprintf(stderr, "disk-tool: %s\n", err->message);
	return 1;
}
