/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/kernel-payload.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/endian.h"
#include "base/mem.h"
#include "base/str.h"
#include "codec/codec.h"

enum { HEAD_SIZE = 0x260, SECTOR = 512, WORD = 4 };

/* The x86 boot protocol's fields, by their place in the file; 2.08 is the first version with a
 * payload. */
enum {
	X86_SETUP_SECTORS = 0x1f1,
	X86_FLAG = 0x1fe,
	X86_MAGIC = 0x202,
	X86_VERSION = 0x206,
	X86_PAYLOAD_OFFSET = 0x248,
	X86_PAYLOAD_LENGTH = 0x24c,
	X86_VERSION_MIN = 0x208,
	X86_SETUP_SECTORS_DEFAULT = 4,
};
#define KERNEL_SIZE_MAX ((uint64_t)1 << 30)
enum { ZBOOT_MAGIC = 4, ZBOOT_PAYLOAD_OFFSET = 8, ZBOOT_PAYLOAD_SIZE = 12 };

struct kernel_file {
	int fd;
	uint64_t offset, size;
	const char *name;
	unsigned char head[HEAD_SIZE]; /* zeros after the file's end */
};

/* Compressed bytes, by their place in the kernel file. */
struct payload {
	uint64_t offset, size;
	bool sized;        /* unless it is gzip, four bytes with the kernel's size follow */
	bool sized_inside; /* and count as part of size */
};

static int read_at(const struct kernel_file *k, uint64_t at, void *p, size_t n, struct werr **err)
{
	return fd_read_at(k->fd, k->name, k->offset + at, p, n, err);
}

/* Inside a bzImage the kernel may also be as it is. */
static bool is_elf(const unsigned char *magic)
{
	return memcmp(magic, ELFMAG, SELFMAG) == 0;
}

static bool is_bzimage(const unsigned char *head)
{
	return le16_get(head + X86_FLAG) == 0xaa55 && memcmp(head + X86_MAGIC, "HdrS", 4) == 0;
}

static bool is_zboot(const unsigned char *head)
{
	return memcmp(head, "MZ", 2) == 0 && memcmp(head + ZBOOT_MAGIC, "zimg", 4) == 0;
}

static int bzimage_payload(const struct kernel_file *k, struct payload *ret, struct werr **err)
{
	unsigned version = le16_get(k->head + X86_VERSION), sectors = k->head[X86_SETUP_SECTORS];

	if (version < X86_VERSION_MIN)
		return werr_set(err, WERR_UNSUPPORTED,
			"%s is a bzImage of boot protocol %u.%02u, "
			"which does not tell where the kernel is",
			k->name, version >> 8, version & 0xff);
	if (sectors == 0)
		sectors = X86_SETUP_SECTORS_DEFAULT;
	*ret = (struct payload){
		.offset = (uint64_t)(sectors + 1) * SECTOR + le32_get(k->head + X86_PAYLOAD_OFFSET),
		.size = le32_get(k->head + X86_PAYLOAD_LENGTH),
		.sized = true,
		.sized_inside = true,
	};
	return 0;
}

/* Where the compressed kernel is; size 0: the file is not one that holds it. */
static int find_payload(const struct kernel_file *k, struct payload *ret, struct werr **err)
{
	int r = 0;

	if (is_bzimage(k->head))
		r = bzimage_payload(k, ret, err);
	else if (is_zboot(k->head))
		*ret = (struct payload){.offset = le32_get(k->head + ZBOOT_PAYLOAD_OFFSET),
			.size = le32_get(k->head + ZBOOT_PAYLOAD_SIZE),
			.sized = true};
	else if (codec_detect(k->head, CODEC_HEAD))
		*ret = (struct payload){.size = k->size};
	else
		return 0;
	if (r == 0 && (ret->size < CODEC_HEAD || ret->offset > k->size ||
			      ret->size > k->size - ret->offset))
		return werr_set(err, WERR_CORRUPT,
			"%s: the compressed kernel is not inside the file", k->name);
	return r;
}

/* ---- a reader that checks the size ---- */

struct sized_reader {
	struct reader reader, *from;
	char *name;
	uint64_t left;
	bool exact; /* exactly that much, not at most */
};

static int sized_reader_read(struct reader *r, void *p, size_t size, size_t *got, struct werr **err)
{
	struct sized_reader *s = CONTAINER_OF(r, struct sized_reader, reader);
	int res = reader_read(s->from, p, size, got, err);

	if (res < 0)
		return res;
	if (s->exact && (*got > s->left || (*got == 0 && s->left > 0)))
		return werr_set(err, WERR_CORRUPT,
			"%s: the kernel does not have the size that it claims", s->name);
	if (*got > s->left)
		return werr_set(err, WERR_LIMIT, "%s: the kernel is larger than %d MiB", s->name,
			(int)(KERNEL_SIZE_MAX >> 20));
	s->left -= *got;
	return 0;
}

static void sized_reader_free(struct reader *r)
{
	struct sized_reader *s = CONTAINER_OF(r, struct sized_reader, reader);

	reader_free(s->from);
	free(s->name);
	free(s);
}

static struct reader *sized_reader_new(
	struct reader *from, const char *name, uint64_t size, bool exact)
{
	struct sized_reader *s = mem_new(struct sized_reader);

	s->reader = (struct reader){sized_reader_read, sized_reader_free};
	s->from = from;
	s->name = str_dup(name);
	s->left = size;
	s->exact = exact;
	return &s->reader;
}

/* ---- opening ---- */

/* A gzip stream itself ends with the size. */
static bool is_size_added(const struct payload *p, const unsigned char *magic)
{
	return p->sized && !is_elf(magic) && !str_eq(codec_detect(magic, CODEC_HEAD), "gzip");
}

static int open_packed(const struct kernel_file *k, const struct payload *p, bool sized,
	struct reader **ret, struct werr **err)
{
	uint64_t size = p->size - (sized && p->sized_inside ? WORD : 0);
	struct reader *packed = fd_range_reader_new(k->fd, k->name, k->offset + p->offset, size);
	CLEANUP(reader) struct reader *kernel = NULL;
	unsigned char word[WORD];
	int r = decompress_wide_reader_new(packed, k->name, &kernel, err);

	if (r == 0 && sized) {
		if (k->size - p->offset < size + WORD)
			return werr_set(
				err, WERR_CORRUPT, "%s: the kernel's size is missing", k->name);
		r = read_at(k, p->offset + size, word, WORD, err);
	}
	if (r < 0)
		return r;
	*ret = sized_reader_new(
		STEAL(kernel), k->name, sized ? le32_get(word) : KERNEL_SIZE_MAX, sized);
	return 0;
}

int kernel_payload_open(int fd, uint64_t offset, uint64_t size, const char *name,
	struct reader **ret, struct werr **err)
{
	struct kernel_file k = {.fd = fd, .offset = offset, .size = size, .name = name};
	unsigned char magic[CODEC_HEAD];
	struct payload p = {0};
	int r = read_at(&k, 0, k.head, size < HEAD_SIZE ? (size_t)size : HEAD_SIZE, err);

	*ret = NULL;
	if (r == 0)
		r = find_payload(&k, &p, err);
	if (r < 0 || p.size == 0)
		return r;
	r = read_at(&k, p.offset, magic, sizeof(magic), err);
	if (r < 0)
		return r;
	if (!is_elf(magic) && !codec_detect(magic, sizeof(magic)))
		return werr_set(err, WERR_UNSUPPORTED,
			"%s: the kernel is compressed with something unknown", name);
	return open_packed(&k, &p, is_size_added(&p, magic), ret, err);
}
