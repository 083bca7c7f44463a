/* SPDX-License-Identifier: Apache-2.0 */
/* What is where in a qcow2 image: QEMU, docs/interop/qcow2.txt. All numbers are big-endian. */
#ifndef WHERRY_DISK_QCOW2_FORMAT_H
#define WHERRY_DISK_QCOW2_FORMAT_H

#include <stdint.h>

#define QCOW2_MAGIC "QFI\xfb"

/* Offsets in the header. */
enum {
	QCOW2_VERSION_AT = 4,            /* 4 bytes: 2 or 3 */
	QCOW2_BACKING_AT = 8,            /* 8: where the name of a backing file is, or 0 */
	QCOW2_BITS_AT = 20,              /* 4: a cluster has 2 to the power of this, in bytes */
	QCOW2_DISK_SIZE_AT = 24,         /* 8: bytes */
	QCOW2_L1_ENTRIES_AT = 36,        /* 4 */
	QCOW2_L1_AT = 40,                /* 8: where the table is */
	QCOW2_REFCOUNTS_AT = 48,         /* 8: where the table is */
	QCOW2_REFCOUNT_CLUSTERS_AT = 56, /* 4: its size */
	QCOW2_FEATURES_AT = 72,          /* 8: those that a reader must know; version 3 */
	QCOW2_REFCOUNT_ORDER_AT = 96,    /* 4: a refcount has 2 to the power of this, in bits */
	QCOW2_HEADER_SIZE_AT = 100,      /* 4: bytes */
	QCOW2_CODEC_AT = 104,            /* 1: 0 is deflate, 1 zstd */
};
enum {
	QCOW2_HEADER = 80, /* bytes: up to the features */
	QCOW2_BITS_MIN = 9,
	QCOW2_BITS_MAX = 21,
};
enum qcow2_feature {
	QCOW2_EXTERNAL_DATA = 1 << 2,
	QCOW2_OTHER_CODEC = 1 << 3, /* there is QCOW2_CODEC_AT */
	QCOW2_EXTENDED = 1 << 4,    /* entries of L2 have 16 bytes instead of 8 */
};

/* Of entries of L1 and L2. */
#define QCOW2_COPIED     ((uint64_t)1 << 63) /* what it points to has a refcount of 1 */
#define QCOW2_COMPRESSED ((uint64_t)1 << 62)
#define QCOW2_OFFSET     0x00fffffffffffe00 /* of a table, and of a cluster as it is */

/* The first bit of a compressed cluster's size, in sectors; its offset is in those below. */
static inline unsigned qcow2_size_shift(unsigned cluster_bits)
{
	return 62 - (cluster_bits - 8);
}

#endif
