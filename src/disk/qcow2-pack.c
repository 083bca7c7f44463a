/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compressed clusters of a qcow2 image. How large they are is known only afterwards, but tables
 * with that come first, so they are made in an unnamed file, which is copied.
 */
#include <errno.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "disk/qcow2-impl.h"

void qcow2_packed_cleanup(struct qcow2_packed *p)
{
	if (p->fd >= 0)
		close(p->fd);
	disk_runs_cleanup(&p->runs);
	free(p->entries);
	free(p->refcounts);
}

static int write_at(int fd, const void *p, size_t size, uint64_t at, struct werr **err)
{
	for (size_t done = 0; done < size;) {
		ssize_t n = pwrite(fd, (const char *)p + done, size - done, (off_t)(at + done));

		if (n < 0 && errno != EINTR)
			return werr_errno(err, errno, "can't write the disk's temporary file");
		done += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

/* The offset of one more cluster of the file. */
static uint64_t add_cluster(struct qcow2_packed *p)
{
	mem_grow(&p->refcounts, p->n_refcounts, &p->cap_refcounts, sizeof(*p->refcounts));
	return p->n_refcounts++ * QCOW2_CLUSTER;
}

/*
 * Room for a compressed cluster: it may be in two clusters of the file that follow each other.
 * Every cluster that its sectors reach into has one more use.
 */
static uint64_t add_bytes(struct qcow2_packed *p, size_t size)
{
	uint64_t at;

	if (size > p->end - p->at) {
		uint64_t more = add_cluster(p);

		if (more != p->end || p->end == 0)
			p->at = more;
		p->end = more + QCOW2_CLUSTER;
	}
	at = p->at;
	p->at += size;
	for (uint64_t c = at / QCOW2_CLUSTER; c <= (p->at - 1) / QCOW2_CLUSTER; c++)
		p->refcounts[c]++;
	return at;
}

/* A disk_packer's. */
static int take(void *ctx, const struct disk_block *b, struct werr **err)
{
	struct qcow2_packed *p = ctx;
	uint64_t at, entry;

	if (b->packed) {
		at = add_bytes(p, b->size);
		entry = QCOW2_COMPRESSED | at |
			((at + b->size - 1) / DISK_SECTOR - at / DISK_SECTOR)
				<< qcow2_size_shift(QCOW2_CLUSTER_BITS);
	} else {
		at = add_cluster(p);
		p->refcounts[at / QCOW2_CLUSTER] = 1;
		entry = QCOW2_COPIED | at;
	}
	disk_runs_add(&p->runs, b->i);
	mem_grow(&p->entries, p->n_entries, &p->cap_entries, sizeof(*p->entries));
	p->entries[p->n_entries++] = entry;
	return write_at(p->fd, b->bytes, b->size, at, err);
}

int qcow2_pack(const struct extents *d, const struct disk_options *o, struct qcow2_packed *ret,
	struct werr **err)
{
	bool zstd = o->compression == DISK_ZSTD;
	const struct disk_packer packer = {
		.packing = zstd ? DISK_PACK_ZSTD : DISK_PACK_DEFLATE,
		.threads = o->threads,
		.block = QCOW2_CLUSTER,
		.take = take,
		.ctx = ret,
	};
	int r = file_open_unnamed(file_temp_parent(), &ret->fd, err);

	ret->compression = zstd;
	ret->runs.block = QCOW2_CLUSTER;
	return r < 0 ? r : disk_pack(d, &packer, err);
}

int qcow2_packed_write(const struct qcow2_packed *p, struct writer *to, struct werr **err)
{
	uint64_t size = (uint64_t)lseek(p->fd, 0, SEEK_END);
	CLEANUP(reader)
	struct reader *from = fd_range_reader_new(p->fd, "the disk's temporary file", 0, size);
	int r = io_copy(from, to, NULL, err);

	return r < 0 ? r : writer_skip(to, p->n_refcounts * QCOW2_CLUSTER - size, err);
}
