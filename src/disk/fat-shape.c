/* SPDX-License-Identifier: Apache-2.0 */
/* How large a FAT and its clusters are. */
#include <inttypes.h>

#include "disk/fat-impl.h"

/*
 * The type depends on the number of clusters and nothing else, and programs have been off by some:
 * the specification advises to stay 16 away from the limits, 4085 and 65525.
 */
enum {
	FAT16_MIN = FAT12_CLUSTERS + 16,
	FAT16_MAX = FAT16_CLUSTERS - 1 - 16,
	FAT32_MIN = FAT16_CLUSTERS + 16,
	FAT32_MAX = FAT32_CLUSTERS - 1 - 16,
	CLUSTER_USUAL = 4096, /* what larger ones are only for disks that need them */
	CLUSTER_MAX = 32768,
	FREE = 256 << 10, /* bytes to be left free */
	ALIGN = 4096,     /* clusters begin at a page of what the file system is in */
	ROOT_USUAL = 512, /* records of FAT16's root */
};

static uint64_t divide_up(uint64_t n, uint64_t by)
{
	return n / by + (n % by != 0);
}

uint64_t fat_clusters(const struct fat_shape *s, uint64_t size)
{
	return divide_up(size, s->cluster);
}

/* Clusters that the content takes. */
static uint64_t needed(const struct fat *f, const struct fat_tree *t, const struct fat_shape *s)
{
	uint64_t n = 0;

	for (size_t i = s->bits == 16; i < t->n_dirs; i++)
		n += fat_clusters(s, (uint64_t)t->dirs[i].n_records * FAT_RECORD);
	for (size_t i = 0; i < f->n; i++)
		n += fat_clusters(s, f->files[i].content.size);
	return n;
}

/* What lies where with so many clusters. */
static void set_clusters(struct fat_shape *s, const struct fat_tree *t, uint64_t n)
{
	const uint64_t page = ALIGN / DISK_SECTOR;
	uint64_t records = t->dirs[0].n_records;

	s->n_clusters = n;
	s->reserved = s->bits == 16 ? 1 : 32;
	s->table = divide_up((n + 2) * s->bits / 8, DISK_SECTOR);
	records = records > ROOT_USUAL ? records : ROOT_USUAL;
	s->root = s->bits == 16 ? divide_up(records * FAT_RECORD, DISK_SECTOR) : 0;
	s->data = divide_up(s->reserved + 2 * s->table + s->root, page) * page;
	s->reserved = s->data - 2 * s->table - s->root;
	s->total = s->data + n * (s->cluster / DISK_SECTOR);
}

/* So many clusters, whether or not that many are allowed: the content and some free ones. */
static uint64_t least(const struct fat *f, const struct fat_tree *t, unsigned bits,
	uint32_t cluster, uint64_t more)
{
	const struct fat_shape s = {.bits = bits, .cluster = cluster};

	return needed(f, t, &s) + divide_up(more, cluster);
}

/* As few bytes as the content and so many free ones need. */
static int choose_least(const struct fat *f, const struct fat_tree *t, uint64_t more,
	struct fat_shape *ret, struct werr **err)
{
	struct fat_shape s = {.bits = 16, .cluster = DISK_SECTOR};
	uint64_t n = least(f, t, 16, s.cluster, more), larger;

	if (n > FAT16_MAX) {
		s.bits = 32;
		n = least(f, t, 32, s.cluster, more);
		for (; s.cluster < CLUSTER_MAX; s.cluster *= 2, n = larger) {
			larger = least(f, t, 32, 2 * s.cluster, more);
			if (larger < FAT32_MIN || (s.cluster >= CLUSTER_USUAL && n <= FAT32_MAX))
				break;
		}
	}
	if (n > FAT32_MAX)
		return werr_set(err, WERR_LIMIT, "more files than a FAT can hold");
	if (n < (s.bits == 16 ? FAT16_MIN : FAT32_MIN))
		n = s.bits == 16 ? FAT16_MIN : FAT32_MIN;
	set_clusters(&s, t, n);
	*ret = s;
	return 0;
}

/* As many clusters as fit into so many sectors; 0: not even one. */
static uint64_t fitting(const struct fat_shape *s, const struct fat_tree *t, uint64_t sectors)
{
	uint64_t low = 0, high = sectors;
	struct fat_shape try = *s;

	while (low < high) {
		uint64_t middle = low + (high - low + 1) / 2;

		set_clusters(&try, t, middle);
		if (try.total <= sectors)
			low = middle;
		else
			high = middle - 1;
	}
	return low;
}

/*
 * As many clusters as a given size has room for, of the usual size, or larger ones when those would
 * be too many. False: the content does not fit.
 */
static bool choose_fitting(
	const struct fat *f, const struct fat_tree *t, unsigned bits, struct fat_shape *ret)
{
	const uint64_t min = bits == 16 ? FAT16_MIN : FAT32_MIN;
	const uint64_t max = bits == 16 ? FAT16_MAX : FAT32_MAX;
	struct fat_shape s = {.bits = bits, .cluster = DISK_SECTOR};
	bool found = false, is_cut = true;

	for (; s.cluster <= (is_cut ? CLUSTER_MAX : CLUSTER_USUAL); s.cluster *= 2) {
		uint64_t n = fitting(&s, t, f->size / DISK_SECTOR);

		is_cut = n > max;
		n = is_cut ? max : n;
		if (n < min || needed(f, t, &s) > n)
			break;
		set_clusters(&s, t, n);
		*ret = s;
		found = true;
		if (bits == 16)
			break;
	}
	return found;
}

int fat_shape_choose(
	const struct fat *f, const struct fat_tree *t, struct fat_shape *ret, struct werr **err)
{
	struct fat_shape s = {0};
	int r = choose_least(f, t, f->size || f->has_no_free_room ? 0 : FREE, &s, err);

	if (r < 0)
		return r;
	if (f->size && !choose_fitting(f, t, 32, &s) && !choose_fitting(f, t, 16, &s))
		return werr_set(err, WERR_LIMIT,
			"a FAT of %" PRIu64 " bytes: its files need at least %" PRIu64, f->size,
			s.total * DISK_SECTOR);
	if (s.total > UINT32_MAX || f->size / DISK_SECTOR > UINT32_MAX)
		return werr_set(err, WERR_LIMIT, "a FAT of more than 2 TiB");
	*ret = s;
	return 0;
}
