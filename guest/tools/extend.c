/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each step leaves a disk that works: the table is changed by one sector, and the file system by
 * the kernel, with its journal. What was interrupted goes on at the next boot.
 */
#include "tools/extend.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/path.h"
#include "init/disk.h"
#include "init/rootdev.h"
#include "tools/args.h"
#include "tools/disklist.h"
#include "tools/diskstate.h"
#include "tools/fsgrow.h"
#include "tools/lastpart.h"
#include "tools/wholedisk.h"

/* Less than LEAST is not worth it: file systems end at multiples of their blocks and groups. */
enum { LEAST = 1 << 20, WAIT_MS = 10000 };
/* The package has it. */
static const char mount_point[] = "/mnt";

int extend_parse(
	int argc, char **argv, const char **ret_type, struct strv *words, struct werr **err)
{
	static const char *const types[] = {"ext4", "btrfs", "xfs"};
	const struct arg options[] = {{"type", ARG_TEXT, ret_type}, {0}};
	int r = args_parse(options, argc, argv, words, err);
	bool known = false;

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		known = known || !*ret_type || str_eq(*ret_type, types[i]);
	if (r == 0 && !known) {
		r = werr_set(err, WERR_USAGE, "-type: '%.80s' is not a file system that it grows",
			*ret_type);
		werr_hint(err, "ext4, btrfs or xfs");
	}
	return r < 0 ? r : disklist_check(words, err);
}

/* ---- what there is ---- */

/* What is at a place of a device. */
struct content {
	const char *type;          /* of a file system that can grow; NULL: none */
	uint64_t size;             /* its own */
	bool needs_replay;         /* its size is not known before that */
	bool is_luks;              /* or will be: what it has grows when it is opened */
	char what[DISKSTATE_WHAT]; /* in words */
};

static int look(int fd, const char *device, uint64_t at, struct content *ret, struct werr **err)
{
	CLEANUP(free) unsigned char *head = mem_alloc(DISK_HEAD);
	ssize_t n = pread(fd, head, DISK_HEAD, (off_t)at);
	const char *name;
	struct disk_fs fs;

	*ret = (struct content){0};
	if (n < 0)
		return werr_errno(err, errno, "can't read %s", device);
	name = diskstate_name(head, (size_t)n);
	ret->is_luks = name && (str_eq(name, "LUKS") || str_eq(name, diskstate_crypto));
	/* An interrupted crypto may have left the superblock of before, and not all of the rest. */
	if (!ret->is_luks && disk_identify(head, (size_t)n, &fs)) {
		ret->type = fsgrow_size(fs.type, head, (size_t)n, &ret->size) ? fs.type : NULL;
		ret->needs_replay = fsgrow_needs_replay(fs.type, head, (size_t)n);
		name = fs.type;
	}
	str_format(ret->what, sizeof(ret->what), "%s", name ? name : "nothing known");
	return 0;
}

static int check_type(
	const char *wanted, const char *device, const struct content *c, struct werr **err)
{
	int r = 0;

	if (!c->type && !c->is_luks)
		r = werr_set(err, WERR_UNSUPPORTED, "%s has %s; it is left alone", device, c->what);
	else if (wanted && !c->is_luks && !str_eq(wanted, c->type))
		r = werr_set(err, WERR_UNSUPPORTED, "%s has %s, not %s; it is left alone", device,
			c->what, wanted);
	if (r < 0)
		werr_hint(err, "ext4, xfs and btrfs grow, and partitions with LUKS");
	return r;
}

/* ---- growing ---- */

/* fd: of the device, for what it measures. */
static int grow_fs(int fd, const char *device, struct content *c, struct werr **err)
{
	uint64_t before;
	struct parttable t;
	int r = parttable_measure(fd, device, &t, err);

	if (r == 0 && c->needs_replay) {
		r = fsgrow_replay(device, err);
		if (r == 0)
			r = look(fd, device, 0, c, err);
		if (r == 0)
			r = check_type(NULL, device, c, err);
	}
	if (r < 0)
		return r;
	before = c->size;
	if (t.disk < c->size || t.disk - c->size < LEAST) {
		printf("extend: nothing to do: %s (%s) has all of its device\n", device, c->type);
		return 0;
	}
	r = fsgrow(device, c->type, t.disk, mount_point, err);
	if (r == 0)
		r = look(fd, device, 0, c, err);
	if (r == 0)
		printf("extend: %s (%s) had %llu bytes and has %llu\n", device, c->what,
			(unsigned long long)before, (unsigned long long)c->size);
	return r;
}

static int grow_partition(int disk, const char *device, const struct parttable *t,
	const struct lastpart *p, struct content *c, struct werr **err)
{
	CLEANUP(free) char *path = wholedisk_partition(device, p->number), *found = NULL;
	CLEANUP(fd) int fd = -1;
	uint64_t end = p->at + p->size;

	if (p->end_max > end && p->end_max - end >= LEAST) {
		int r = lastpart_grow(disk, device, t, p, err);

		if (r < 0)
			return r;
		printf("extend: %s had %llu bytes and has %llu\n", path,
			(unsigned long long)p->size, (unsigned long long)(p->end_max - p->at));
	} else if (!c->type) {
		printf("extend: nothing to do: %s ends where the disk does\n", path);
	}
	if (!c->type)
		return 0;
	found = rootdev_wait(rootdev_find, path, WAIT_MS, NULL);
	fd = found ? open(found, O_RDONLY | O_CLOEXEC) : -1;
	if (fd < 0)
		return werr_errno(err, found ? errno : ENOENT, "can't open %s", path);
	return grow_fs(fd, path, c, err);
}

/* wanted: the type, or NULL. */
static int extend(const char *device, const char *wanted, struct werr **err)
{
	CLEANUP(fd) int fd = open(device, O_RDWR | O_CLOEXEC);
	struct lastpart last;
	struct parttable t;
	struct content c;
	int r = fd < 0 ? werr_errno(err, errno, "can't open %s", device)
		       : parttable_measure(fd, device, &t, err),
	    found;

	if (r < 0)
		return r;
	found = lastpart_find(fd, device, &t, &last, err);
	if (found < 0)
		return found;
	r = look(fd, device, found ? last.at : 0, &c, err);
	if (r == 0 && found && !last.is_linux)
		r = werr_set(err, WERR_UNSUPPORTED,
			"partition %u of %s has not the type of Linux; it is left alone",
			last.number, device);
	if (r == 0)
		r = check_type(wanted, device, &c, err);
	if (r < 0)
		return r;
	return found    ? grow_partition(fd, device, &t, &last, &c, err)
	       : c.type ? grow_fs(fd, device, &c, err)
			: 0;
}

/* All disks: one that can't be extended is only reported. */
static int extend_all(const char *wanted, struct werr **err)
{
	CLEANUP(strv) struct strv none = {0}, names = {0};
	const char *name;
	int r = disklist_wait(&none, &names, err);

	STRV_FOREACH (name, &names) {
		CLEANUP(free) char *device = path_join("/dev", name);
		struct werr *why = NULL;
		int one = extend(device, wanted, &why);

		if (one < 0 && why->kind == WERR_UNSUPPORTED) {
			printf("extend: %s\n", why->message);
			werr_free(why);
		} else {
			werr_collect(err, &r, one, why);
		}
	}
	return r;
}

static int extend_named(const struct strv *words, const char *wanted, struct werr **err)
{
	const char *word;
	int r = 0;

	STRV_FOREACH (word, words) {
		CLEANUP(free) char *device = NULL;

		if (r < 0)
			break;
		device = rootdev_wait(rootdev_find, word, DISKLIST_WAIT_MS, NULL);
		r = device ? extend(device, wanted, err)
			   : werr_set(err, WERR_NOT_FOUND, "%s did not appear in %d s", word,
				     DISKLIST_WAIT_MS / 1000);
	}
	return r;
}

int extend_main(int argc, char **argv)
{
	CLEANUP(strv) struct strv words = {0};
	CLEANUP(werr) struct werr *err = NULL;
	const char *wanted = NULL;

	if (extend_parse(argc, argv, &wanted, &words, &err) == 0) {
		if (words.n)
			extend_named(&words, wanted, &err);
		else
			extend_all(wanted, &err);
	}
	return args_report("extend", err);
}
