/* SPDX-License-Identifier: Apache-2.0 */
/*
 * QEMU, docs/interop/qcow2.txt. Which clusters are in the file is known before the first byte, so
 * it is written in one pass: header, refcount table, refcount blocks, L1 table, L2 tables, data.
 * Each cluster is used once.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cancel.h"
#include "base/endian.h"
#include "base/mem.h"
#include "disk/disk-impl.h"

enum {
	CLUSTER_BITS = 16,
	CLUSTER = 1 << CLUSTER_BITS,
	ENTRIES = CLUSTER / 8,   /* of a table in one cluster */
	REFCOUNTS = CLUSTER / 2, /* of 16 bits, in one block */
	REFCOUNT_ORDER = 4,      /* 16 bits */
	HEADER_SIZE = 104,       /* the end of the list of header extensions, 8 zeros, follows */
	L1_MAX = 4 << 20,        /* entries; QEMU opens no more */
};
#define COPIED ((uint64_t)1 << 63) /* of an entry: what it points to has a refcount of 1 */

/* Clusters of the disk that are in the file, from first to before end. */
struct run {
	uint64_t first, end;
};

/* Where things are in the file, in clusters. */
struct layout {
	uint64_t disk_size; /* bytes */
	struct run *runs;   /* sorted */
	size_t n_runs;
	uint64_t l1_entries, l2_tables, data; /* how many there are */
	uint64_t table_clusters, blocks, l1_clusters;
	uint64_t table, l1, l2, total; /* where they begin; total: the end */
};

static void layout_cleanup(struct layout *l)
{
	free(l->runs);
}

static uint64_t divide_up(uint64_t n, uint64_t by)
{
	return n / by + (n % by != 0);
}

/* ---- what will be where ---- */

static void find_runs(const struct extents *d, struct layout *l)
{
	l->runs = mem_new_array(struct run, d->n);
	for (size_t i = 0; i < d->n; i++) {
		const struct extent *e = &d->items[i];
		struct run run = {e->at / CLUSTER, divide_up(e->at + e->size, CLUSTER)};

		/* The last cluster of one extent may be the first of the next. */
		if (l->n_runs && run.first <= l->runs[l->n_runs - 1].end)
			l->runs[l->n_runs - 1].end = run.end;
		else
			l->runs[l->n_runs++] = run;
	}
}

/* Data clusters, and the L2 tables that are needed for them. */
static void count_clusters(struct layout *l)
{
	uint64_t tabled = 0; /* L1 entries before this one have been counted */

	for (size_t i = 0; i < l->n_runs; i++) {
		uint64_t first = l->runs[i].first / ENTRIES;
		uint64_t end = divide_up(l->runs[i].end, ENTRIES);

		l->data += l->runs[i].end - l->runs[i].first;
		first = first > tabled ? first : tabled;
		l->l2_tables += end - first;
		tabled = end;
	}
}

/* The refcounts' own clusters are counted as well: more of them until all fit. */
static void count_refcounts(struct layout *l)
{
	uint64_t others = 1 + l->l1_clusters + l->l2_tables + l->data;

	l->blocks = l->table_clusters = 0;
	do {
		l->total = others + l->table_clusters + l->blocks;
		l->blocks = divide_up(l->total, REFCOUNTS);
		l->table_clusters = divide_up(l->blocks, ENTRIES);
	} while (others + l->table_clusters + l->blocks != l->total);
}

static int lay_out(const struct extents *d, struct layout *l, struct werr **err)
{
	int r = disk_whole_size(d, DISK_SECTOR, &l->disk_size, err);

	if (r < 0)
		return r;
	l->l1_entries = divide_up(l->disk_size, (uint64_t)CLUSTER * ENTRIES);
	if (l->l1_entries > L1_MAX)
		return werr_set(err, WERR_LIMIT, "a qcow2 image can't have %" PRIu64 " bytes",
			l->disk_size);
	l->l1_clusters = divide_up(l->l1_entries, ENTRIES);
	find_runs(d, l);
	count_clusters(l);
	count_refcounts(l);
	l->table = 1;
	l->l1 = l->table + l->table_clusters + l->blocks;
	l->l2 = l->l1 + l->l1_clusters;
	return 0;
}

/* ---- writing it ---- */

static int write_header(const struct layout *l, struct writer *to, struct werr **err)
{
	unsigned char header[HEADER_SIZE] = "QFI\xfb";
	int r;

	be32_put(header + 4, 3); /* the version */
	be32_put(header + 20, CLUSTER_BITS);
	be64_put(header + 24, l->disk_size);
	be32_put(header + 36, (uint32_t)l->l1_entries);
	be64_put(header + 40, l->l1 * CLUSTER);
	be64_put(header + 48, l->table * CLUSTER);
	be32_put(header + 56, (uint32_t)l->table_clusters);
	be32_put(header + 96, REFCOUNT_ORDER);
	be32_put(header + 100, HEADER_SIZE);
	r = writer_write(to, header, sizeof(header), err);
	/* Zeros end the list of extensions as well. */
	return r < 0 ? r : writer_skip(to, CLUSTER - HEADER_SIZE, err);
}

/* Goes through the runs once, while the entries of tables are made in order. */
struct cursor {
	const struct layout *layout;
	size_t run;
	uint64_t next; /* the cluster of the file that the next entry points to */
};

/* Is one of these clusters of the disk in the file? Later calls ask for later ones. */
static bool is_used(struct cursor *c, uint64_t first, uint64_t end)
{
	const struct layout *l = c->layout;

	while (c->run < l->n_runs && l->runs[c->run].end <= first)
		c->run++;
	return c->run < l->n_runs && l->runs[c->run].first < end;
}

typedef uint64_t table_entry(struct cursor *c, uint64_t i);

static uint64_t refcount_entry(struct cursor *c, uint64_t i)
{
	return i < c->layout->blocks ? c->next++ * CLUSTER : 0;
}

static uint64_t l1_entry(struct cursor *c, uint64_t i)
{
	return is_used(c, i * ENTRIES, (i + 1) * ENTRIES) ? c->next++ * CLUSTER | COPIED : 0;
}

static uint64_t l2_entry(struct cursor *c, uint64_t i)
{
	return is_used(c, i, i + 1) ? c->next++ * CLUSTER | COPIED : 0;
}

/* One cluster of a table, from the entry `first` on. */
static int write_table(
	struct cursor *c, table_entry *entry, uint64_t first, struct writer *to, struct werr **err)
{
	CLEANUP(free) unsigned char *cluster = mem_alloc(CLUSTER);
	int r = cancel_check(err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < ENTRIES; i++)
		be64_put(cluster + 8 * i, entry(c, first + i));
	return writer_write(to, cluster, CLUSTER, err);
}

static int write_tables(
	struct cursor c, table_entry *entry, uint64_t n, struct writer *to, struct werr **err)
{
	int r = 0;

	for (uint64_t i = 0; r == 0 && i < n; i++)
		r = write_table(&c, entry, i * ENTRIES, to, err);
	return r;
}

/* Every cluster of the file has the refcount 1. */
static int write_refcounts(const struct layout *l, struct writer *to, struct werr **err)
{
	CLEANUP(free) unsigned char *block = mem_alloc(CLUSTER);
	int r = 0;

	for (uint64_t i = 0; r == 0 && i < l->blocks; i++) {
		for (uint64_t j = 0; j < REFCOUNTS; j++)
			be16_put(block + 2 * j, i * REFCOUNTS + j < l->total);
		r = cancel_check(err);
		if (r == 0)
			r = writer_write(to, block, CLUSTER, err);
	}
	return r;
}

static int write_l2_tables(const struct layout *l, struct writer *to, struct werr **err)
{
	struct cursor c = {.layout = l, .next = l->l2 + l->l2_tables};
	int r = 0;

	for (uint64_t i = 0; r == 0 && i < l->l1_entries; i++)
		if (is_used(&c, i * ENTRIES, (i + 1) * ENTRIES))
			r = write_table(&c, l2_entry, i * ENTRIES, to, err);
	return r;
}

static int write_qcow2(const struct extents *d, ATTR_UNUSED const struct disk_options *o,
	struct writer *to, struct werr **err)
{
	CLEANUP(layout) struct layout l = {0};
	int r = lay_out(d, &l, err);

	if (r == 0)
		r = write_header(&l, to, err);
	if (r == 0)
		r = write_tables((struct cursor){&l, 0, l.table + l.table_clusters}, refcount_entry,
			l.table_clusters, to, err);
	if (r == 0)
		r = write_refcounts(&l, to, err);
	if (r == 0)
		r = write_tables((struct cursor){&l, 0, l.l2}, l1_entry, l.l1_clusters, to, err);
	if (r == 0)
		r = write_l2_tables(&l, to, err);
	for (size_t i = 0; r == 0 && i < l.n_runs; i++)
		r = extents_write(d, l.runs[i].first * CLUSTER, l.runs[i].end * CLUSTER, to, err);
	return r;
}

const struct disk_format disk_qcow2 = {"qcow2", DISK_SECTOR, write_qcow2};
