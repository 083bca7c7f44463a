/* SPDX-License-Identifier: Apache-2.0 */
#include "contract/gpthead.h"

#include <string.h>

#include "base/endian.h"

enum { CRC_AT = 16, ENTRY_AT = 446, MAGIC_AT = 510 };
/* The signature and revision 1.0. */
static const char magic[12] = "EFI PART\0\0\1";

/* Over a few kilobytes: a table would not pay. */
static uint32_t crc32_add(uint32_t crc, const unsigned char *p, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		crc ^= p[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return crc;
}

uint32_t gpthead_crc32(const unsigned char *p, size_t size)
{
	return ~crc32_add(UINT32_MAX, p, size);
}

/* The checksum itself counts as zeros. */
static uint32_t checksum(const unsigned char p[static GPTHEAD_SIZE])
{
	static const unsigned char zeros[4];
	uint32_t crc = crc32_add(UINT32_MAX, p, CRC_AT);

	crc = crc32_add(crc, zeros, sizeof(zeros));
	return ~crc32_add(crc, p + CRC_AT + 4, GPTHEAD_SIZE - CRC_AT - 4);
}

void gpthead_put(unsigned char ret[static GPTHEAD_SIZE], const struct gpthead *h)
{
	memset(ret, 0, GPTHEAD_SIZE);
	memcpy(ret, magic, sizeof(magic));
	le32_put(ret + 12, GPTHEAD_SIZE);
	le64_put(ret + 24, h->at);
	le64_put(ret + 32, h->other);
	le64_put(ret + 40, h->first);
	le64_put(ret + 48, h->last);
	memcpy(ret + 56, h->id, GPTHEAD_GUID);
	le64_put(ret + 72, h->entries_at);
	le32_put(ret + 80, h->n);
	le32_put(ret + 84, h->entry_size);
	le32_put(ret + 88, h->entries_crc);
	le32_put(ret + CRC_AT, checksum(ret));
}

bool gpthead_get(const unsigned char p[static GPTHEAD_SIZE], struct gpthead *ret)
{
	if (memcmp(p, magic, sizeof(magic)) != 0 || le32_get(p + 12) != GPTHEAD_SIZE ||
		le32_get(p + CRC_AT) != checksum(p))
		return false;
	*ret = (struct gpthead){
		.at = le64_get(p + 24),
		.other = le64_get(p + 32),
		.first = le64_get(p + 40),
		.last = le64_get(p + 48),
		.entries_at = le64_get(p + 72),
		.n = le32_get(p + 80),
		.entry_size = le32_get(p + 84),
		.entries_crc = le32_get(p + 88),
	};
	memcpy(ret->id, p + 56, GPTHEAD_GUID);
	return true;
}

void gpthead_put_protective(unsigned char ret[static 512], uint64_t sectors)
{
	unsigned char *entry = ret + ENTRY_AT;

	memcpy(entry, "\0\0\2\0\xee\xff\xff\xff\1\0\0\0", 12);
	le32_put(entry + 12, sectors - 1 < UINT32_MAX ? (uint32_t)(sectors - 1) : UINT32_MAX);
	memcpy(ret + MAGIC_AT, "\x55\xaa", 2);
}
