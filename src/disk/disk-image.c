/* SPDX-License-Identifier: Apache-2.0 */
#include "disk/disk-image.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zlib.h>
#include <zstd.h>

#include "base/mem.h"
#include "base/str.h"
#include "disk/image-impl.h"

enum { PACKED_MAX = 4 << 20 };

bool disk_image_bytes(const struct disk_image *i, uint64_t at, void *ret, size_t size)
{
	return at <= i->length && size <= i->length - at && i->at + at <= INT64_MAX &&
	       pread(i->fd, ret, size, (off_t)(i->at + at)) == (ssize_t)size;
}

static bool open_raw(struct disk_image *i)
{
	i->size = i->length;
	return true;
}

static bool find_raw(ATTR_UNUSED const struct disk_image *i, uint64_t at, struct disk_place *ret)
{
	ret->at = at;
	return true;
}

static const struct disk_image_kind raw = {"raw", open_raw, find_raw};

bool disk_image_open(
	int fd, const char *format, uint64_t at, uint64_t length, struct disk_image *ret)
{
	static const struct disk_image_kind *const kinds[] = {
		&raw, &disk_image_qcow2, &disk_image_vmdk, &disk_image_vhd, &disk_image_vhdx};
	off_t end = lseek(fd, 0, SEEK_END);

	if (end < 0 || at > (uint64_t)end || length > (uint64_t)end - at)
		return false;
	*ret = (struct disk_image){
		.fd = fd, .at = at, .length = length ? length : (uint64_t)end - at};
	for (size_t k = 0; k < ARRAY_SIZE(kinds); k++)
		if (str_eq(kinds[k]->format, format)) {
			ret->kind = kinds[k];
			return kinds[k]->open(ret);
		}
	return false;
}

/* ---- what is packed ---- */

static bool inflate_part(const void *from, size_t size, int bits, void *to, size_t needed)
{
	z_stream z = {.next_in = (Bytef *)(uintptr_t)from,
		.avail_in = (uInt)size,
		.next_out = to,
		.avail_out = (uInt)needed};
	int r = inflateInit2(&z, bits);

	if (r != Z_OK)
		return false;
	r = inflate(&z, Z_SYNC_FLUSH);
	inflateEnd(&z);
	return (r == Z_OK || r == Z_STREAM_END || r == Z_BUF_ERROR) && z.avail_out == 0;
}

static bool unpack_zstd(const void *from, size_t size, void *to, size_t needed)
{
	ZSTD_DCtx *d = ZSTD_createDCtx();
	ZSTD_inBuffer in = {from, size, 0};
	ZSTD_outBuffer out = {to, needed, 0};
	size_t r = 1;

	while (d && out.pos < needed && in.pos < in.size && r != 0) {
		r = ZSTD_decompressStream(d, &out, &in);
		if (ZSTD_isError(r))
			break;
	}
	ZSTD_freeDCtx(d);
	return out.pos == needed;
}

static bool unpack(unsigned how, const void *from, size_t size, void *to, size_t needed)
{
	if (how == DISK_ZSTANDARD)
		return unpack_zstd(from, size, to, needed);
	return inflate_part(from, size, how == DISK_DEFLATED ? -MAX_WBITS : MAX_WBITS, to, needed);
}

/* So many bytes, from p->skip on. */
static bool read_packed(
	const struct disk_image *i, const struct disk_place *p, void *ret, size_t wanted)
{
	CLEANUP(free) char *packed = NULL;
	CLEANUP(free) char *plain = NULL;
	size_t needed = (size_t)p->skip + wanted, size = p->size;

	if (p->at >= i->length || size > PACKED_MAX || needed > PACKED_MAX)
		return false;
	/* Where its end is is said in whole sectors, of which the file may lack the last part. */
	if (size > i->length - p->at)
		size = (size_t)(i->length - p->at);
	packed = mem_alloc(size);
	plain = mem_alloc(needed);
	if (!disk_image_bytes(i, p->at, packed, size) ||
		!unpack(p->packing, packed, size, plain, needed))
		return false;
	memcpy(ret, plain + p->skip, wanted);
	return true;
}

static bool find(const struct disk_image *i, uint64_t sector, struct disk_place *ret)
{
	*ret = (struct disk_place){0};
	return i->kind && sector < i->size / DISK_SECTOR &&
	       i->kind->find(i, sector * DISK_SECTOR, ret);
}

/* Whether what is `done` bytes behind one place, and at another, is read together with that. */
static bool is_next(const struct disk_place *a, size_t done, const struct disk_place *b)
{
	if (a->is_hole || b->is_hole)
		return a->is_hole && b->is_hole;
	if (a->packing != b->packing)
		return false;
	return a->packing ? a->at == b->at && b->skip == a->skip + done && b->skip > a->skip
			  : b->at == a->at + done;
}

static bool read_place(
	const struct disk_image *i, const struct disk_place *p, void *ret, size_t size)
{
	if (!p->is_hole)
		return p->packing ? read_packed(i, p, ret, size)
				  : disk_image_bytes(i, p->at, ret, size);
	memset(ret, 0, size);
	return true;
}

bool disk_image_read_many(const struct disk_image *i, uint64_t sector, size_t n, void *ret)
{
	struct disk_place first, next;
	char *to = ret;
	size_t done = 0;

	if (n == 0 || !find(i, sector, &first))
		return n == 0;
	for (size_t k = 1; k <= n; k++) {
		done += DISK_SECTOR;
		if (k < n && !find(i, sector + k, &next))
			return false;
		if (k < n && is_next(&first, done, &next))
			continue;
		if (!read_place(i, &first, to, done))
			return false;
		to += done;
		done = 0;
		first = next;
	}
	return true;
}

bool disk_image_read(const struct disk_image *i, uint64_t sector, void *ret)
{
	return disk_image_read_many(i, sector, 1, ret);
}
