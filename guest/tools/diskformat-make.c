/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Formatting a disk. Its first sector says how far that has come: it is marked, the file system is
 * made where the partition will be, and the partition table replaces the mark.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "init/rootdev.h"
#include "tools/blank.h"
#include "tools/diskformat.h"
#include "tools/gptable.h"
#include "tools/loopdev.h"
#include "tools/runtool.h"
#include "tools/wholedisk.h"

enum { WAIT_MS = 10000, WORDS_MAX = 16 };

/* An open disk that nobody else uses. */
struct disk {
	const char *path;
	int fd;
	struct parttable table;
	uint64_t room; /* of the partition */
};

static void say(const struct diskformat *f, const char *what, const char *device)
{
	if (f->verbose)
		printf("format: %s: %s\n", device, what);
	fflush(stdout);
}

static int put(const struct disk *d, uint64_t at, const void *p, size_t size, struct werr **err)
{
	return parttable_put(d->fd, d->path, at, p, size, err);
}

/*
 * First the mark, so that from here on what was on the disk does not count; then zeros, so that no
 * old signature is left at either end or where the file system will be.
 */
static int begin(const struct disk *d, struct werr **err)
{
	size_t head = DISKSTATE_HEAD - PARTTABLE_SIZE;
	CLEANUP(free) unsigned char *zeros = mem_alloc(head);
	unsigned char mark[PARTTABLE_SIZE];
	int r;

	memset(zeros, 0, head);
	diskstate_mark(DISKSTATE_FORMAT, mark);
	r = put(d, 0, mark, sizeof(mark), err);
	if (r == 0)
		r = put(d, PARTTABLE_SIZE, zeros, head, err);
	return r < 0 ? r : put(d, d->table.disk - BLANK_EDGE, zeros, BLANK_EDGE, err);
}

static int run(const struct diskformat *f, const char *device, struct werr **err)
{
	const char *argv[WORDS_MAX] = {f->type->program};
	size_t n = 1;

	for (size_t i = 0; f->type->options[i]; i++)
		argv[n++] = f->type->options[i];
	if (f->label) {
		argv[n++] = "-L";
		argv[n++] = f->label;
	}
	argv[n] = device;
	return runtool(argv, NULL, err);
}

static int make_file_system(const struct diskformat *f, const struct disk *d, struct werr **err)
{
	struct loopdev_part part = {PARTTABLE_AT, d->room, d->table.sector};
	CLEANUP(free) char *loop = NULL;
	CLEANUP(fd) int fd = -1;
	int r = loopdev_attach(d->fd, d->path, &part, &loop, &fd, err);

	if (r == 0)
		r = run(f, loop, err);
	/* What the program left in the kernel's memory goes through the loop device to the disk. */
	if (r == 0 && (fsync(fd) < 0 || fsync(d->fd) < 0))
		r = werr_errno(err, errno, "can't write to %s", d->path);
	return r;
}

static int fill_mbr(const struct disk *d, unsigned char *first, struct werr **err)
{
	uint32_t id = 0;

	while (id == 0)
		if (getrandom(&id, sizeof(id), 0) != (ssize_t)sizeof(id))
			return werr_errno(err, errno, "can't get random numbers");
	parttable_fill(&d->table, id, first);
	return 0;
}

static int fill_gpt(const struct disk *d, unsigned char *first, struct werr **err)
{
	CLEANUP(gptable) struct gptable g = {0};
	int r = gptable_new(&d->table, &g, err);

	if (r == 0)
		r = gptable_write_new(d->fd, d->path, &d->table, &g, err);
	if (r == 0)
		gpthead_put_protective(first, d->table.disk / d->table.sector);
	return r;
}

static int end(const struct disk *d, struct werr **err)
{
	unsigned char first[PARTTABLE_SIZE] = {0};
	int r = parttable_needs_gpt(&d->table) ? fill_gpt(d, first, err) : fill_mbr(d, first, err);

	return r < 0 ? r : put(d, 0, first, sizeof(first), err);
}

static int show_partition(const struct disk *d, struct werr **err)
{
	CLEANUP(free) char *partition = wholedisk_partition(d->path, 1), *found = NULL;
	int r = 0;

	if (ioctl(d->fd, BLKRRPART) < 0)
		r = werr_errno(
			err, errno, "the kernel does not read the partitions of %s", d->path);
	else if (!(found = rootdev_wait(rootdev_find, partition, WAIT_MS, NULL)))
		r = werr_set(
			err, WERR_TIMEOUT, "%s did not appear in %d s", partition, WAIT_MS / 1000);
	if (r < 0)
		werr_hint(err, "the disk is formatted; it is there after the next boot");
	return r;
}

static int open_disk(const struct diskformat *f, struct disk *d, struct werr **err)
{
	enum diskstate state = DISKSTATE_FOREIGN;
	char what[DISKSTATE_WHAT];
	int r;

	/* Exclusively: the kernel refuses it when anything on the disk is in use. */
	d->fd = open(d->path, O_RDWR | O_EXCL | O_CLOEXEC);
	if (d->fd < 0) {
		r = werr_errno(err, errno, "can't open %s", d->path);
		if (r == -EBUSY)
			werr_hint(err, "it is in use: mounted, or a part of another device");
		return r;
	}
	r = parttable_measure(d->fd, d->path, &d->table, err);
	if (r == 0)
		r = parttable_room(&d->table, d->path, &d->room, err);
	if (r == 0)
		r = diskstate_look(d->fd, d->path, &d->table, &state, what, err);
	if (r < 0 || f->force || state == DISKSTATE_EMPTY || state == DISKSTATE_UNFINISHED)
		return r;
	return werr_set(err, WERR_EXISTS, "%s has %s; it is left alone", d->path, what);
}

int diskformat_make(const struct diskformat *f, const char *device, struct werr **err)
{
	struct disk d = {.path = device, .fd = -1};
	int r = open_disk(f, &d, err);

	if (r == 0) {
		say(f, "begins", device);
		r = begin(&d, err);
	}
	if (r == 0) {
		say(f, "the file system is made", device);
		r = make_file_system(f, &d, err);
	}
	if (r == 0) {
		say(f, "the partition table is written", device);
		r = end(&d, err);
	}
	if (r == 0)
		r = show_partition(&d, err);
	fd_cleanup(&d.fd);
	return r;
}
