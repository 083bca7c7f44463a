/* SPDX-License-Identifier: Apache-2.0 */
#include "boot/efi-kernel.h"

#include <string.h>

#include "base/endian.h"
#include "base/mem.h"
#include "base/str.h"
#include "boot/pe.h"

enum {
	HEAD_MAX = 64 << 10, /* bytes that have all headers */
	HEADER_MAGIC = 0x202,
	HEADER_VERSION = 0x20e, /* where the text is, from 0x200 on */
	HEADER_END = 0x210,
	VERSION_MAX = 64, /* Linux, include/linux/utsname.h, __NEW_UTS_LEN */
};

/* The first bytes, as many as there are; *ret is owned by the caller. */
static int read_head(
	const struct extents *kernel, unsigned char **ret, size_t *ret_size, struct werr **err)
{
	size_t size = kernel->size < HEAD_MAX ? (size_t)kernel->size : HEAD_MAX;
	CLEANUP(free) unsigned char *bytes = mem_alloc(HEAD_MAX);
	int r = extents_read(kernel, 0, bytes, size, err);

	if (r < 0)
		return r;
	*ret = STEAL(bytes);
	*ret_size = size;
	return 0;
}

static int refuse(const unsigned char *head, size_t size, struct werr *why, struct werr **err)
{
	static const struct {
		const char *magic;
		size_t size;
		const char *what, *way_out;
	} others[] = {
		{"\x1f\x8b", 2, "compressed by gzip", "build with --decompress-kernel"},
		{"\x7f"
		 "ELF",
			4, "unpacked (ELF)", "build without --decompress-kernel"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (size >= others[i].size && memcmp(head, others[i].magic, others[i].size) == 0) {
			werr_free(why);
			werr_set(err, WERR_UNSUPPORTED, "UEFI can't start this kernel: it is %s",
				others[i].what);
			werr_hint(err, "%s", others[i].way_out);
			return werr_code(WERR_UNSUPPORTED);
		}
	werr_set(err, WERR_UNSUPPORTED, "UEFI can't start this kernel: %s", why->message);
	werr_free(why);
	return werr_code(WERR_UNSUPPORTED);
}

int efi_kernel_check(const struct extents *kernel, uint16_t machine, struct werr **err)
{
	CLEANUP(free) unsigned char *head = NULL;
	struct werr *why = NULL;
	struct pe pe;
	size_t size;
	int r = read_head(kernel, &head, &size, err);

	if (r < 0)
		return r;
	if (pe_parse(head, size, &pe, &why) < 0)
		return refuse(head, size, why, err);
	if (pe.machine != machine)
		return werr_set(err, WERR_UNSUPPORTED,
			"UEFI can't start this kernel: it is for another architecture");
	return 0;
}

/* A number, and what is behind it up to a blank; NULL: there is none. Owned by the caller. */
static char *word_at(const unsigned char *p, size_t size)
{
	size_t n = 0;

	while (n < size && n <= VERSION_MAX && p[n] > ' ' && p[n] < 0x7f)
		n++;
	return n > 0 && n <= VERSION_MAX && n < size && *p >= '0' && *p <= '9'
		       ? str_dup_n((const char *)p, n)
		       : NULL;
}

static char *version_of_header(const unsigned char *head, size_t size)
{
	size_t at;

	if (size < HEADER_END || memcmp(head + HEADER_MAGIC, "HdrS", 4) != 0)
		return NULL;
	at = 0x200 + (size_t)le16_get(head + HEADER_VERSION);
	return at > 0x200 && at < size ? word_at(head + at, size - at) : NULL;
}

/* In pieces that overlap, so that it is found wherever it is. */
static int version_of_text(const struct extents *kernel, char **ret, struct werr **err)
{
	static const char text[] = "Linux version ";
	enum { STEP = 1 << 20, OVERLAP = sizeof(text) + VERSION_MAX + 1 };
	CLEANUP(free) unsigned char *bytes = mem_alloc(STEP + OVERLAP);

	for (uint64_t at = 0; at < kernel->size && !*ret; at += STEP) {
		uint64_t left = kernel->size - at;
		size_t size = left < STEP + OVERLAP ? (size_t)left : STEP + OVERLAP;
		const unsigned char *p = bytes, *end = bytes + size;
		int r = extents_read(kernel, at, bytes, size, err);

		if (r < 0)
			return r;
		while (!*ret && (p = memmem(p, (size_t)(end - p), text, strlen(text)))) {
			p += strlen(text);
			*ret = word_at(p, (size_t)(end - p));
		}
	}
	return 0;
}

int efi_kernel_version(const struct extents *kernel, char **ret, struct werr **err)
{
	CLEANUP(free) unsigned char *head = NULL;
	size_t size;
	int r = read_head(kernel, &head, &size, err);

	if (r < 0)
		return r;
	*ret = version_of_header(head, size);
	return *ret ? 0 : version_of_text(kernel, ret, err);
}
