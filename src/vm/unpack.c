/* SPDX-License-Identifier: Apache-2.0 */
#include "vm/unpack.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cancel.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "codec/codec.h"
#include "tar/tar-header.h"
#include "tar/tar-sparse.h"

#define DISK "disk.raw"
enum {
	HEADERS_MAX = 8, /* before the disk's own */
	RECORDS_MAX = 64 << 10,
	MAP_MAX = 16384, /* blocks that continue a map */
	ZEROS = 4096,    /* so many at once become a hole */
};

struct unpack {
	struct reader *tar;
	struct writer *to;
	uint64_t packed;
	uint64_t at;      /* of the disk */
	uint64_t written; /* bytes that are no hole */
};

static int broken(const char *what, struct werr **err)
{
	return werr_set(err, WERR_CORRUPT, "the tar is broken: %s", what);
}

/* ---- bytes ---- */

static int put_block(struct unpack *u, const char *p, size_t size, struct werr **err)
{
	if (io_is_zeros(p, size))
		return writer_skip(u->to, size, err);
	u->written += size;
	if (io_is_bomb(u->packed, u->written))
		return io_bomb_error("the disk", err);
	return writer_write(u->to, p, size, err);
}

static int copy(struct unpack *u, uint64_t left, struct werr **err)
{
	char block[ZEROS];
	int r = 0;

	while (r == 0 && left > 0) {
		size_t size = left < sizeof(block) ? (size_t)left : sizeof(block);

		r = cancel_check(err);
		if (r == 0)
			r = reader_read_full(u->tar, block, size, err);
		if (r == 0)
			r = put_block(u, block, size, err);
		u->at += size;
		left -= size;
	}
	return r;
}

/* ---- a map of runs ---- */

struct run {
	uint64_t at, size;
};
struct map {
	struct run *items;
	size_t n, cap;
	uint64_t end, size; /* of the last one; of all */
};

static int add_runs(struct map *m, const struct tar_sparse_run *runs, size_t n, uint64_t whole,
	struct werr **err)
{
	struct run run;

	for (size_t i = 0; i < n && runs[i].at[0]; i++) {
		if (!ustar_get_number(runs[i].at, sizeof(runs[i].at), &run.at) ||
			!ustar_get_number(runs[i].size, sizeof(runs[i].size), &run.size) ||
			run.at < m->end || run.at > whole || run.size > whole - run.at)
			return broken("a part of the disk can't be where it says", err);
		mem_grow(&m->items, m->n, &m->cap, sizeof(*m->items));
		m->items[m->n++] = run;
		m->end = run.at + run.size;
		m->size += run.size;
	}
	return 0;
}

static int read_map(struct unpack *u, const struct tar_sparse_head *head, uint64_t whole,
	struct map *m, struct werr **err)
{
	struct tar_sparse_more more = {.is_continued = head->is_continued};
	int r = add_runs(m, head->runs, TAR_SPARSE_HEAD, whole, err);

	for (size_t i = 0; r == 0 && more.is_continued; i++) {
		if (i >= MAP_MAX)
			return werr_set(err, WERR_LIMIT, "the disk has more than %d parts",
				MAP_MAX * TAR_SPARSE_MORE);
		r = reader_read_full(u->tar, &more, sizeof(more), err);
		if (r == 0)
			r = add_runs(m, more.runs, TAR_SPARSE_MORE, whole, err);
	}
	return r;
}

static int copy_sparse(struct unpack *u, const struct ustar *h, uint64_t size, struct werr **err)
{
	struct map m = {0};
	struct tar_sparse_head head;
	uint64_t whole;
	int r;

	memcpy(&head, (const char *)h + offsetof(struct ustar, prefix), sizeof(head));
	if (!ustar_get_number(head.size, sizeof(head.size), &whole) || whole > INT64_MAX)
		return broken("the size of the disk", err);
	r = read_map(u, &head, whole, &m, err);
	if (r == 0 && m.size != size)
		r = broken("its parts are not what the disk has", err);
	for (size_t i = 0; r == 0 && i < m.n; i++) {
		r = writer_skip(u->to, m.items[i].at - u->at, err);
		u->at = m.items[i].at;
		if (r == 0)
			r = copy(u, m.items[i].size, err);
	}
	free(m.items);
	return r < 0 ? r : writer_skip(u->to, whole - u->at, err);
}

/* ---- the tar ---- */

static int not_a_disk(struct werr **err)
{
	werr_set(err, WERR_UNSUPPORTED,
		"it has no " DISK
		" at its beginning, as a file or one with GNU's old holes, in a tar");
	werr_hint(err, "if a disk is in it, unpack it and boot that");
	return werr_code(WERR_UNSUPPORTED);
}

/* Records about the next entry; the only one that would matter is a size. */
static int read_records(struct unpack *u, uint64_t size, struct werr **err)
{
	CLEANUP(tar_head) struct tar_head head = {0};
	CLEANUP(free) char *records = NULL;
	int r;

	if (size > RECORDS_MAX)
		return werr_set(err, WERR_LIMIT, "the header of an entry is larger than %d KiB",
			RECORDS_MAX >> 10);
	records = mem_alloc((size_t)size + TAR_BLOCK);
	r = reader_read_full(u->tar, records, (size_t)size + tar_padding(size), err);
	if (r == 0 && !tar_records_read(&head, records, (size_t)size))
		r = broken("an extended header", err);
	return r == 0 && head.sized ? not_a_disk(err) : r;
}

static bool is_disk(const struct ustar *h)
{
	CLEANUP(free) char *name = str_dup_n(h->name, strnlen(h->name, sizeof(h->name)));

	return str_eq(name, DISK) || str_eq(name, "./" DISK);
}

int vm_disk_read(struct reader *tar, uint64_t packed, struct writer *to, struct werr **err)
{
	struct unpack u = {.tar = tar, .to = to, .packed = packed};
	struct tar_header header;
	struct ustar h;
	int r = 0;

	for (size_t i = 0; r == 0 && i < HEADERS_MAX; i++) {
		r = reader_read_full(tar, &h, sizeof(h), err);
		if (r < 0)
			return r;
		if (!tar_header_read(&h, &header))
			return i == 0 ? not_a_disk(err) : broken("a header", err);
		if (header.type == 'x' || header.type == 'g') {
			r = read_records(&u, header.size, err);
			continue;
		}
		if (!is_disk(&h) || header.size > INT64_MAX)
			return not_a_disk(err);
		if (header.type == TAR_SPARSE_TYPE)
			return copy_sparse(&u, &h, header.size, err);
		if (header.type && header.type != '0')
			return not_a_disk(err);
		return copy(&u, header.size, err);
	}
	return r < 0 ? r : not_a_disk(err);
}

bool vm_disk_is_packed(const char *path)
{
	CLEANUP(fd) int fd = -1;
	const char *codec = NULL;
	char head[CODEC_HEAD];

	if (file_open_seekable(path, &fd, NULL) == 0 &&
		pread(fd, head, sizeof(head), 0) == sizeof(head))
		codec = codec_detect(head, sizeof(head));
	return codec && str_eq(codec, "gzip");
}

static int unpack(int fd, const char *path, int to, struct werr **err)
{
	CLEANUP(writer) struct writer *disk = fd_writer_new(to, FD_LENT, "the unpacked disk");
	CLEANUP(reader) struct reader *tar = NULL;
	struct stat st;
	int r;

	if (fstat(fd, &st) < 0)
		return werr_errno(err, errno, "can't read %s", path);
	r = decompress_reader_new(fd_reader_new(fd, FD_LENT, path), path, &tar, err);
	if (r == 0)
		r = vm_disk_read(tar, (uint64_t)st.st_size, disk, err);
	return r < 0 ? r : writer_finish(disk, err);
}

int vm_disk_unpack(const char *path, const char *to, struct werr **err)
{
	CLEANUP(atomic_file) struct atomic_file *file = NULL;
	CLEANUP(fd) int fd = -1;
	int r = file_open_seekable(path, &fd, err);

	if (r == 0)
		r = atomic_file_open(&file, to, 0600, err);
	if (r == 0)
		r = unpack(fd, path, file->fd, err);
	werr_wrap(err, "unpack %s", path);
	return r < 0 ? r : atomic_file_place(file, err);
}
