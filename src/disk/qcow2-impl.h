/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WHERRY_DISK_QCOW2_IMPL_H
#define WHERRY_DISK_QCOW2_IMPL_H

#include "disk/disk-impl.h"
#include "disk/qcow2-format.h"

enum {
	QCOW2_CLUSTER_BITS = 16,
	QCOW2_CLUSTER = 1 << QCOW2_CLUSTER_BITS,
};

/* The data clusters of a disk, compressed into an unnamed file. */
struct qcow2_packed {
	int fd;
	struct disk_runs runs; /* the clusters of the disk that are in it */
	uint64_t *entries;     /* of L2 tables, one for each of those, if it began at offset 0 */
	uint16_t *refcounts;   /* of its own clusters */
	size_t n_entries, cap_entries, n_refcounts, cap_refcounts;
	uint64_t at, end; /* where the next compressed cluster may be, and the last room for it */
	unsigned char compression; /* the header's compression_type */
};
int qcow2_pack(const struct extents *d, const struct disk_options *o, struct qcow2_packed *ret,
	struct werr **err);
void qcow2_packed_cleanup(struct qcow2_packed *p);
/* Write all of it. */
int qcow2_packed_write(const struct qcow2_packed *p, struct writer *to, struct werr **err);

#endif
