/* SPDX-License-Identifier: Apache-2.0 */
#include "disk/gpt-read.h"

#include <string.h>

#include "base/buf.h"
#include "base/endian.h"
#include "base/str.h"
#include "base/utf8.h"

enum {
	ENTRY_MIN = 128, /* and powers of 2 times that */
	ENTRY_MAX = 4096,
	TABLE_AT = 72,
	ENTRIES_AT = 80,
	ENTRY_SIZE_AT = 84,
	ID_AT = 16,
	FIRST_AT = 32,
	LAST_AT = 40,
	NAME_AT = 56,
};

/* A name that can't be shown is none. */
static void read_name(const unsigned char *from, char *ret)
{
	struct buf text = BUF_INIT(GPT_NAME_TEXT - 1);

	for (size_t i = 0; i < GPT_NAME_MAX && le16_get(from + 2 * i); i++) {
		uint32_t unit = le16_get(from + 2 * i);

		utf8_put(
			&text, (unit >= 0xd800 && unit < 0xe000) || utf8_steers(unit) ? '?' : unit);
	}
	str_copy(ret, GPT_NAME_TEXT, buf_error(&text) ? "" : buf_str(&text));
	buf_clear(&text);
}

static bool read_entry(const unsigned char *e, struct gpt_found *ret)
{
	uint64_t first = le64_get(e + FIRST_AT), last = le64_get(e + LAST_AT);

	guid_get_mixed(e, &ret->type);
	guid_get_mixed(e + ID_AT, &ret->id);
	if (guid_is_zero(&ret->type) || last < first || last >= INT64_MAX / DISK_SECTOR)
		return false;
	ret->at = first * DISK_SECTOR;
	ret->size = (last - first + 1) * DISK_SECTOR;
	read_name(e + NAME_AT, ret->name);
	return true;
}

bool gpt_read(struct bytes *disk, struct gpt_found ret[static GPT_PARTITIONS_MAX], size_t *ret_n)
{
	unsigned char header[DISK_SECTOR], entry[ENTRY_MIN];
	uint64_t table;
	uint32_t n, size;

	*ret_n = 0;
	if (bytes_read(disk, DISK_SECTOR, header, sizeof(header), NULL) < 0 ||
		memcmp(header, "EFI PART", 8) != 0)
		return false;
	table = le64_get(header + TABLE_AT);
	n = le32_get(header + ENTRIES_AT);
	size = le32_get(header + ENTRY_SIZE_AT);
	if (size < ENTRY_MIN || size > ENTRY_MAX || (size & (size - 1)) || table > UINT32_MAX)
		return false;
	for (uint32_t i = 0; i < n && i < GPT_PARTITIONS_MAX; i++) {
		struct gpt_found *f = &ret[*ret_n];

		if (bytes_read(disk, table * DISK_SECTOR + (uint64_t)i * size, entry, sizeof(entry),
			    NULL) < 0)
			return false;
		if (!read_entry(entry, f))
			continue;
		f->number = i + 1;
		(*ret_n)++;
	}
	return true;
}
