/* SPDX-License-Identifier: Apache-2.0 */
/* How long a frame of zstd is: RFC 8878, 3.1.1, Zstandard Frames, and 3.1.2, Skippable Frames. */
#include "base/endian.h"
#include "codec/codec.h"

enum {
	MAGIC_SIZE = 4,
	SKIPPABLE_HEADER = 8,
	BLOCK_HEADER = 3,
	CHECKSUM = 4,
	SINGLE_SEGMENT = 0x20,
	HAS_CHECKSUM = 0x04,
	RESERVED = 0x08,
	BLOCKS_MAX = 1 << 20, /* a gigabyte of compressed bytes has some 50,000 */
};
#define FRAME_MAGIC     0xfd2fb528u
#define SKIPPABLE_MAGIC 0x184d2a50u

/* All of the frame's header, magic included. */
static size_t header_size(unsigned descriptor)
{
	static const size_t dictionary[] = {0, 1, 2, 4}, content[] = {0, 2, 4, 8};
	bool is_single = descriptor & SINGLE_SEGMENT;
	size_t size = content[descriptor >> 6];

	if (size == 0 && is_single)
		size = 1;
	return MAGIC_SIZE + 1 + (is_single ? 0 : 1) + dictionary[descriptor & 3] + size;
}

/* From one block to the next; 0: it can't be one. */
static uint64_t block_size(const unsigned char *header, bool *ret_last)
{
	enum { RAW, RLE, COMPRESSED, NONE };
	uint32_t bits = header[0] | (uint32_t)header[1] << 8 | (uint32_t)header[2] << 16;
	unsigned type = bits >> 1 & 3;

	*ret_last = bits & 1;
	if (type == NONE)
		return 0;
	return BLOCK_HEADER + (type == RLE ? 1 : (uint64_t)(bits >> 3));
}

bool codec_zstd_frame(struct bytes *b, uint64_t at, uint64_t *ret_size)
{
	unsigned char h[SKIPPABLE_HEADER];
	uint64_t end, size;
	bool is_last = false;

	if (bytes_read(b, at, h, sizeof(h), NULL) < 0)
		return false;
	if ((le32_get(h) & ~0xfu) == SKIPPABLE_MAGIC) {
		*ret_size = SKIPPABLE_HEADER + (uint64_t)le32_get(h + MAGIC_SIZE);
		return *ret_size <= b->size - at;
	}
	if (le32_get(h) != FRAME_MAGIC || h[MAGIC_SIZE] & RESERVED)
		return false;
	end = at + header_size(h[MAGIC_SIZE]);
	for (size_t n = 0; !is_last; n++) {
		unsigned char block[BLOCK_HEADER];

		if (n == BLOCKS_MAX || bytes_read(b, end, block, sizeof(block), NULL) < 0)
			return false;
		size = block_size(block, &is_last);
		if (size == 0)
			return false;
		end += size;
	}
	end += h[MAGIC_SIZE] & HAS_CHECKSUM ? CHECKSUM : 0;
	*ret_size = end - at;
	return end <= b->size;
}
