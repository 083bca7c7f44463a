/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/lastpart.h"

#include <errno.h>
#include <linux/blkpg.h>
#include <string.h>
#include <sys/ioctl.h>

#include "base/io.h"
#include "base/mem.h"
#include "tools/gptable.h"

/* What is known of a table so far. */
struct search {
	struct lastpart last; /* size 0: none yet */
	uint64_t others_end;  /* where the other ones end at most */
};

/* Add a partition; false: it is not on the disk. */
static bool add(struct search *s, const struct parttable *t, const struct lastpart *p)
{
	uint64_t end = p->at + p->size, *others = &s->others_end;

	if (p->size == 0 || p->at > t->disk || p->size > t->disk - p->at)
		return false;
	if (s->last.size == 0 || p->at > s->last.at) {
		uint64_t before = s->last.at + s->last.size;

		*others = before > *others ? before : *others;
		s->last = *p;
	} else if (end > *others) {
		*others = end;
	}
	return true;
}

static int contradiction(const char *path, struct werr **err)
{
	return werr_set(
		err, WERR_CORRUPT, "%s has a table of partitions that contradicts itself", path);
}

/* ---- a GPT ---- */

static int search_gpt(
	int fd, const char *path, const struct parttable *t, struct search *s, struct werr **err)
{
	CLEANUP(gptable) struct gptable g = {0};
	struct gptable_entry e;
	int r = gptable_read(fd, path, t, &g, err);

	for (size_t i = 0; r == 0 && i < g.head.n; i++) {
		struct lastpart p = {.number = (unsigned)i + 1, .is_gpt = true};

		if (!gptable_entry(&g, i, &e))
			continue;
		if (e.first < g.head.first || e.last < e.first || e.last > g.head.last)
			return contradiction(path, err);
		p.at = e.first * t->sector;
		p.size = (e.last - e.first + 1) * t->sector;
		p.is_linux = e.is_linux;
		if (!add(s, t, &p))
			return contradiction(path, err);
	}
	s->last.end_max = parttable_end(t);
	return r;
}

static int grow_gpt(int fd, const char *path, const struct parttable *t, const struct lastpart *p,
	struct werr **err)
{
	CLEANUP(gptable) struct gptable g = {0};
	int r = gptable_read(fd, path, t, &g, err);

	return r < 0 ? r
		     : gptable_extend(
			       fd, path, t, &g, p->number - 1, p->end_max / t->sector - 1, err);
}

/* ---- an MBR ---- */

static int search_mbr(const unsigned char *first, const char *path, const struct parttable *t,
	struct search *s, struct werr **err)
{
	uint64_t limit, end = parttable_end(t);
	struct parttable_entry e;

	for (unsigned i = 0; i < PARTTABLE_ENTRIES; i++) {
		struct lastpart p = {.number = i + 1};

		if (!parttable_entry(first, i, &e))
			continue;
		if (e.kind == PARTTABLE_LOGICAL)
			return werr_set(err, WERR_UNSUPPORTED, "%s has logical partitions", path);
		p.at = (uint64_t)e.first * t->sector;
		p.size = (uint64_t)e.count * t->sector;
		p.is_linux = e.kind == PARTTABLE_LINUX;
		if (e.kind == PARTTABLE_BAD || !add(s, t, &p))
			return contradiction(path, err);
	}
	limit = s->last.at + (uint64_t)UINT32_MAX * t->sector;
	s->last.end_max = end < limit ? end : limit;
	return 0;
}

static int grow_mbr(int fd, const char *path, const struct parttable *t, const struct lastpart *p,
	struct werr **err)
{
	unsigned char first[PARTTABLE_SIZE];
	int r = fd_read_at(fd, path, 0, first, sizeof(first), err);

	if (r < 0)
		return r;
	parttable_set_count(first, p->number - 1, (uint32_t)((p->end_max - p->at) / t->sector));
	return parttable_put(fd, path, 0, first, sizeof(first), err);
}

/* ---- both ---- */

int lastpart_find(int fd, const char *path, const struct parttable *t, struct lastpart *ret,
	struct werr **err)
{
	unsigned char first[PARTTABLE_SIZE];
	struct search s = {0};
	int r;

	if (t->disk < sizeof(first))
		return 0;
	r = fd_read_at(fd, path, 0, first, sizeof(first), err);
	if (r < 0)
		return r;
	if (gptable_is_named(first))
		r = search_gpt(fd, path, t, &s, err);
	else if (parttable_is_mbr(first))
		r = search_mbr(first, path, t, &s, err);
	if (r < 0 || s.last.size == 0)
		return r;
	if (s.others_end > s.last.at)
		return contradiction(path, err);
	*ret = s.last;
	return 1;
}

int lastpart_grow(int fd, const char *path, const struct parttable *t, const struct lastpart *p,
	struct werr **err)
{
	struct blkpg_partition part = {.start = (long long)p->at,
		.length = (long long)(p->end_max - p->at),
		.pno = (int)p->number};
	struct blkpg_ioctl_arg arg = {
		.op = BLKPG_RESIZE_PARTITION, .datalen = sizeof(part), .data = &part};
	int r = p->is_gpt ? grow_gpt(fd, path, t, p, err) : grow_mbr(fd, path, t, p, err);

	if (r < 0 || ioctl(fd, BLKPG, &arg) == 0)
		return r;
	r = werr_errno(err, errno, "the kernel does not take the new size of partition %u of %s",
		p->number, path);
	werr_hint(err, "it is in the table, and counts after the next boot");
	return r;
}
