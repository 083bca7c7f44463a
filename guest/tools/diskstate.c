/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/diskstate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "init/disk.h"
#include "tools/blank.h"
#include "tools/gptable.h"

#define CRYPTO_MARK "wherry crypto: not finished\n"
#define SWAP_MARK   "wherry swap: not finished\n"

static const char *const marks[] = {
	[DISKSTATE_FORMAT] = "wherry format: not finished\n",
	[DISKSTATE_CRYPTO] = CRYPTO_MARK,
	[DISKSTATE_SWAP] = SWAP_MARK,
};
const char diskstate_crypto[] = "what an interrupted crypto has left";
static const char raid[] = "RAID (md)", lvm[] = "LVM", swap[] = "swap", gpt[] = "a GPT";

/* The shortest magic is tried last. */
static const struct {
	const char *name;
	size_t at;
	const char *magic;
} known[] = {
	{gpt, 512, "EFI PART"},
	{gpt, 4096, "EFI PART"},
	{"LUKS", 0, "LUKS\xba\xbe"},
	{diskstate_crypto, 0, CRYPTO_MARK},
	{"what an interrupted swap has left", 0, SWAP_MARK},
	{lvm, 0, "LABELONE"},
	{lvm, 512, "LABELONE"},
	{lvm, 1024, "LABELONE"},
	{lvm, 1536, "LABELONE"},
	{raid, 0, "\xfc\x4e\x2b\xa9"},
	{raid, 4096, "\xfc\x4e\x2b\xa9"},
	{swap, 4096 - 10, "SWAPSPACE2"},
	{swap, 16384 - 10, "SWAPSPACE2"},
	{swap, 65536 - 10, "SWAPSPACE2"},
	{"exFAT", 3, "EXFAT   "},
	{"NTFS", 3, "NTFS    "},
	{"f2fs", 1024, "\x10\x20\xf5\xf2"},
	{"an MBR, or a boot sector", 510, "\x55\xaa"},
};

void diskstate_mark(enum diskstate_writer by, unsigned char ret[static PARTTABLE_SIZE])
{
	memset(ret, 0, PARTTABLE_SIZE);
	memcpy(ret, marks[by], strlen(marks[by]));
}

bool diskstate_is_marked(enum diskstate_writer by, const unsigned char first[static PARTTABLE_SIZE])
{
	unsigned char mark[PARTTABLE_SIZE];

	diskstate_mark(by, mark);
	return memcmp(first, mark, sizeof(mark)) == 0;
}

const char *diskstate_name(const unsigned char *head, size_t size)
{
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		size_t n = strlen(known[i].magic);

		if (size >= known[i].at + n && memcmp(head + known[i].at, known[i].magic, n) == 0)
			return known[i].name;
	}
	return NULL;
}

void diskstate_describe(int fd, uint64_t at, char what[static DISKSTATE_WHAT])
{
	CLEANUP(free) unsigned char *head = mem_alloc(DISK_HEAD);
	ssize_t n = pread(fd, head, DISK_HEAD, (off_t)at);
	size_t size = n > 0 ? (size_t)n : 0;
	const char *name = diskstate_name(head, size);
	struct disk_fs fs;

	/* Longer labels are cut off. */
	if (disk_identify(head, size, &fs))
		str_format(what, DISKSTATE_WHAT, "a file system (%s%s%.64s)", fs.type,
			*fs.label ? ", LABEL=" : "", fs.label);
	else if (name)
		str_format(what, DISKSTATE_WHAT, "%s", name);
}

static int look_for_bytes(
	int fd, const struct parttable *t, enum diskstate *ret, char what[static DISKSTATE_WHAT])
{
	uint64_t first = t->disk < DISKSTATE_HEAD ? t->disk : DISKSTATE_HEAD, at;
	uint64_t last = t->disk < BLANK_EDGE ? t->disk : BLANK_EDGE;
	int r = blank_find(fd, 0, first, &at);

	if (r == 0)
		r = blank_find(fd, t->disk - last, last, &at);
	if (r < 0)
		return r;
	*ret = r ? DISKSTATE_FOREIGN : DISKSTATE_EMPTY;
	if (r == 0)
		return str_format(what, DISKSTATE_WHAT, "nothing");
	str_format(what, DISKSTATE_WHAT, "something unknown at byte %llu", (unsigned long long)at);
	diskstate_describe(fd, at >= PARTTABLE_AT && at < first ? PARTTABLE_AT : 0, what);
	return 0;
}

/* As parttable_matches(), for the other kind of table. */
static bool has_own_gpt(
	int fd, const char *path, const struct parttable *t, const unsigned char *first)
{
	CLEANUP(gptable) struct gptable g = {0};
	CLEANUP(werr) struct werr *ignored = NULL;
	struct gptable_entry e, other;

	if (!gptable_is_named(first) || gptable_read(fd, path, t, &g, &ignored) < 0 ||
		!gptable_entry(&g, 0, &e))
		return false;
	for (size_t i = 1; i < g.head.n; i++)
		if (gptable_entry(&g, i, &other))
			return false;
	return e.is_linux && e.first == PARTTABLE_AT / t->sector;
}

int diskstate_look(int fd, const char *path, const struct parttable *t, enum diskstate *ret,
	char what[static DISKSTATE_WHAT], struct werr **err)
{
	unsigned char head[PARTTABLE_SIZE] = {0};
	int r;

	if (t->disk >= sizeof(head) && pread(fd, head, sizeof(head), 0) != (ssize_t)sizeof(head))
		return werr_errno(err, errno, "can't read %s", path);
	if (diskstate_is_marked(DISKSTATE_FORMAT, head)) {
		*ret = DISKSTATE_UNFINISHED;
		str_format(what, DISKSTATE_WHAT, "what an interrupted format has left");
		return 0;
	}
	if (parttable_matches(t, head) || has_own_gpt(fd, path, t, head)) {
		*ret = DISKSTATE_FORMATTED;
		str_format(what, DISKSTATE_WHAT, "a partition with something unknown");
		diskstate_describe(fd, PARTTABLE_AT, what);
		return 0;
	}
	r = look_for_bytes(fd, t, ret, what);
	return r < 0 ? werr_errno(err, -r, "can't read %s", path) : 0;
}
