/* SPDX-License-Identifier: Apache-2.0 */
/*
 * QEMU, docs/interop/qcow2.txt. Which clusters are in the file is known before the first byte, so
 * it is written in one pass: header, refcount table, refcount blocks, L1 table, L2 tables, data.
 * Each cluster is used once.
 */
#include <inttypes.h>

#include "base/cancel.h"
#include "base/endian.h"
#include "base/mem.h"
#include "base/str.h"
#include "disk/qcow2-impl.h"

enum {
	CLUSTER = QCOW2_CLUSTER,
	ENTRIES = CLUSTER / 8,   /* of a table in one cluster */
	REFCOUNTS = CLUSTER / 2, /* of 16 bits, in one block */
	REFCOUNT_ORDER = 4,      /* 16 bits */
	HEADER_SIZE = 104,       /* the end of the list of header extensions, 8 zeros, follows */
	HEADER_SIZE_TYPE = 112,  /* with the type of compression */
	L1_MAX = 4 << 20,        /* entries; QEMU opens no more */
};

/* Where things are in the file, in clusters. */
struct layout {
	uint64_t disk_size;                   /* bytes */
	struct disk_runs found;               /* unless it is compressed */
	const struct disk_runs *runs;         /* the clusters of the disk that are in the file */
	const struct qcow2_packed *packed;    /* NULL: they are as they are */
	uint64_t l1_entries, l2_tables, data; /* how many there are */
	uint64_t table_clusters, blocks, l1_clusters;
	uint64_t table, l1, l2, data_at, total; /* where they begin; total: the end */
};

static void layout_cleanup(struct layout *l)
{
	disk_runs_cleanup(&l->found);
}

/* ---- what will be where ---- */

/* The L2 tables that are needed for the data. */
static void count_tables(struct layout *l)
{
	uint64_t tabled = 0; /* L1 entries before this one have been counted */

	for (size_t i = 0; i < l->runs->n; i++) {
		uint64_t first = l->runs->items[i].first / ENTRIES;
		uint64_t end = disk_divide_up(l->runs->items[i].end, ENTRIES);

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
		l->blocks = disk_divide_up(l->total, REFCOUNTS);
		l->table_clusters = disk_divide_up(l->blocks, ENTRIES);
	} while (others + l->table_clusters + l->blocks != l->total);
}

static int lay_out(const struct extents *d, struct layout *l, struct werr **err)
{
	int r = disk_whole_size(d, DISK_SECTOR, &l->disk_size, err);
	char text[32], most[32];

	if (r < 0)
		return r;
	l->l1_entries = disk_divide_up(l->disk_size, (uint64_t)CLUSTER * ENTRIES);
	if (l->l1_entries > L1_MAX)
		return werr_set(err, WERR_LIMIT, "a qcow2 image can't have %s: at most %s",
			str_exact_size(text, l->disk_size),
			str_exact_size(most, (uint64_t)L1_MAX * ENTRIES * CLUSTER));
	l->l1_clusters = disk_divide_up(l->l1_entries, ENTRIES);
	if (!l->packed)
		disk_runs_find(d, CLUSTER, &l->found);
	l->runs = l->packed ? &l->packed->runs : &l->found;
	l->data = l->packed ? l->packed->n_refcounts : l->runs->blocks;
	count_tables(l);
	count_refcounts(l);
	l->table = 1;
	l->l1 = l->table + l->table_clusters + l->blocks;
	l->l2 = l->l1 + l->l1_clusters;
	l->data_at = l->l2 + l->l2_tables;
	return 0;
}

/* ---- writing it ---- */

static int write_header(const struct layout *l, struct writer *to, struct werr **err)
{
	unsigned char header[HEADER_SIZE_TYPE] = QCOW2_MAGIC;
	bool type = l->packed && l->packed->compression;
	size_t size = type ? HEADER_SIZE_TYPE : HEADER_SIZE;
	int r;

	be32_put(header + QCOW2_VERSION_AT, 3);
	be32_put(header + QCOW2_BITS_AT, QCOW2_CLUSTER_BITS);
	be64_put(header + QCOW2_DISK_SIZE_AT, l->disk_size);
	be32_put(header + QCOW2_L1_ENTRIES_AT, (uint32_t)l->l1_entries);
	be64_put(header + QCOW2_L1_AT, l->l1 * CLUSTER);
	be64_put(header + QCOW2_REFCOUNTS_AT, l->table * CLUSTER);
	be32_put(header + QCOW2_REFCOUNT_CLUSTERS_AT, (uint32_t)l->table_clusters);
	be64_put(header + QCOW2_FEATURES_AT, type ? QCOW2_OTHER_CODEC : 0);
	be32_put(header + QCOW2_REFCOUNT_ORDER_AT, REFCOUNT_ORDER);
	be32_put(header + QCOW2_HEADER_SIZE_AT, (uint32_t)size);
	if (type)
		header[QCOW2_CODEC_AT] = l->packed->compression;
	r = writer_write(to, header, size, err);
	/* Zeros end the list of extensions as well. */
	return r < 0 ? r : writer_skip(to, CLUSTER - size, err);
}

/* Goes through the clusters of the disk while the entries of tables are made in order. */
struct cursor {
	const struct layout *layout;
	struct disk_cursor runs;
	uint64_t next; /* the cluster of the file, or the compressed one, for the next entry */
};

typedef uint64_t table_entry(struct cursor *c, uint64_t i);

static uint64_t refcount_entry(struct cursor *c, uint64_t i)
{
	return i < c->layout->blocks ? c->next++ * CLUSTER : 0;
}

static uint64_t l1_entry(struct cursor *c, uint64_t i)
{
	bool used = disk_cursor_used(&c->runs, i * ENTRIES, (i + 1) * ENTRIES);

	return used ? c->next++ * CLUSTER | QCOW2_COPIED : 0;
}

static uint64_t l2_entry(struct cursor *c, uint64_t i)
{
	const struct layout *l = c->layout;

	if (!disk_cursor_used(&c->runs, i, i + 1))
		return 0;
	if (l->packed)
		return l->packed->entries[c->next++] + l->data_at * CLUSTER;
	return (l->data_at + c->next++) * CLUSTER | QCOW2_COPIED;
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

/* n clusters of entries for each of which there is one cluster, from `next` on. */
static int write_tables(const struct layout *l, table_entry *entry, uint64_t n, uint64_t next,
	struct writer *to, struct werr **err)
{
	struct cursor c = {l, {.runs = l->runs}, next};
	int r = 0;

	for (uint64_t i = 0; r == 0 && i < n; i++)
		r = write_table(&c, entry, i * ENTRIES, to, err);
	return r;
}

/* Every cluster of the file has the refcount 1, unless several compressed ones are in it. */
static uint16_t refcount_of(const struct layout *l, uint64_t i)
{
	if (i >= l->total)
		return 0;
	return l->packed && i >= l->data_at ? l->packed->refcounts[i - l->data_at] : 1;
}

static int write_refcounts(const struct layout *l, struct writer *to, struct werr **err)
{
	CLEANUP(free) unsigned char *block = mem_alloc(CLUSTER);
	int r = 0;

	for (uint64_t i = 0; r == 0 && i < l->blocks; i++) {
		for (uint64_t j = 0; j < REFCOUNTS; j++)
			be16_put(block + 2 * j, refcount_of(l, i * REFCOUNTS + j));
		r = cancel_check(err);
		if (r == 0)
			r = writer_write(to, block, CLUSTER, err);
	}
	return r;
}

static int write_l2_tables(const struct layout *l, struct writer *to, struct werr **err)
{
	struct disk_cursor tables = {.runs = l->runs};
	struct cursor c = {l, {.runs = l->runs}, 0};
	int r = 0;

	for (uint64_t i = 0; r == 0 && i < l->l1_entries; i++)
		if (disk_cursor_used(&tables, i * ENTRIES, (i + 1) * ENTRIES))
			r = write_table(&c, l2_entry, i * ENTRIES, to, err);
	return r;
}

static int write_data(
	const struct layout *l, const struct extents *d, struct writer *to, struct werr **err)
{
	int r = l->packed ? qcow2_packed_write(l->packed, to, err) : 0;

	for (size_t i = 0; r == 0 && !l->packed && i < l->runs->n; i++)
		r = extents_write(d, l->runs->items[i].first * CLUSTER,
			l->runs->items[i].end * CLUSTER, to, err);
	return r;
}

static int write_qcow2(
	const struct extents *d, const struct disk_options *o, struct writer *to, struct werr **err)
{
	CLEANUP(qcow2_packed) struct qcow2_packed packed = {.fd = -1};
	CLEANUP(layout) struct layout l = {.packed = o->compression ? &packed : NULL};
	int r = o->compression ? qcow2_pack(d, o, &packed, err) : 0;

	if (r == 0)
		r = lay_out(d, &l, err);
	if (r == 0)
		r = write_header(&l, to, err);
	if (r == 0)
		r = write_tables(
			&l, refcount_entry, l.table_clusters, l.table + l.table_clusters, to, err);
	if (r == 0)
		r = write_refcounts(&l, to, err);
	if (r == 0)
		r = write_tables(&l, l1_entry, l.l1_clusters, l.l2, to, err);
	if (r == 0)
		r = write_l2_tables(&l, to, err);
	return r < 0 ? r : write_data(&l, d, to, err);
}

const struct disk_format disk_qcow2 = {
	.name = "qcow2", .unit = DISK_SECTOR, .has_choice = true, .write = write_qcow2};
