/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/loopy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/mem.h"
#include "tools/args.h"
#include "tools/loopdev.h"
#include "tools/wholefile.h"

enum { MIB_SHIFT = 20, DEFAULT_MIB = 10 };
static const char default_device[] = "/dev/loop0";

static int parse_size(const char *text, uint64_t *ret, struct werr **err)
{
	uint64_t mib;

	if (str_to_u64(text, 10, &mib) < 0 || mib == 0 || mib > INT64_MAX >> MIB_SHIFT)
		return werr_set(err, WERR_USAGE, "--size: '%.80s' is not a number of MiB", text);
	*ret = mib << MIB_SHIFT;
	return 0;
}

int loopy_parse(int argc, char **argv, struct strv *words, struct loopy *ret, struct werr **err)
{
	struct loopy l = {.size = (uint64_t)DEFAULT_MIB << MIB_SHIFT};
	const char *size = NULL;
	const struct arg options[] = {
		{"c", ARG_FLAG, &l.create},
		{"create", ARG_FLAG, &l.create},
		{"s", ARG_TEXT, &size},
		{"size", ARG_TEXT, &size},
		{"d", ARG_TEXT, &l.device},
		{"dev", ARG_TEXT, &l.device},
		{0},
	};
	int r = args_parse(options, argc, argv, words, err);

	if (r == 0 && size)
		r = parse_size(size, &l.size, err);
	if (r == 0 && (words->n != 1 || words->items[0][0] != '/')) {
		r = werr_set(err, WERR_USAGE, "one file must be named, by an absolute path");
		werr_hint(err, "usage: loopy [--create] [--size MIB] [--dev DEVICE] FILE");
	}
	if (r < 0)
		return r;
	if (!l.device)
		l.device = default_device;
	l.file = words->items[0];
	*ret = l;
	return 0;
}

static int make_file(const struct loopy *l, struct werr **err)
{
	CLEANUP(fd) int fd = -1;
	int r = wholefile_begin(l->file, l->size, &fd, err);

	return r < 0 ? r : wholefile_end(fd, l->file, err);
}

/* A new one as well is opened by its name, which the kernel shows as that of the device's file. */
static int open_file(const struct loopy *l, int *ret_fd, struct werr **err)
{
	int r = l->create && !file_exists(l->file) ? make_file(l, err) : 0;
	CLEANUP(fd) int fd = r < 0 ? -1 : open(l->file, O_RDWR | O_CLOEXEC | O_NONBLOCK);

	if (r == 0 && fd < 0) {
		r = werr_errno(err, errno, "can't open %s", l->file);
		if (r == -ENOENT)
			werr_hint(err, "--create makes the file");
	}
	if (r == 0)
		*ret_fd = fd_steal(&fd);
	return r;
}

int loopy_main(int argc, char **argv)
{
	CLEANUP(strv) struct strv words = {0};
	CLEANUP(werr) struct werr *err = NULL;
	CLEANUP(fd) int fd = -1;
	struct loopy l = {0};
	int r = loopy_parse(argc, argv, &words, &l, &err);

	if (r == 0)
		r = open_file(&l, &fd, &err);
	if (r == 0)
		r = loopdev_attach_to(l.device, fd, l.file, &err);
	if (r == 0)
		printf("loopy: %s is %s\n", l.device, l.file);
	return args_report("loopy", err);
}
