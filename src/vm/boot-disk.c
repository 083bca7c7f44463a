/* SPDX-License-Identifier: Apache-2.0 */
#include "vm/boot-disk.h"

#include <string.h>
#include <unistd.h>

#include "arch/arch.h"
#include "base/endian.h"
#include "base/mem.h"
#include "base/str.h"
#include "codec/codec.h"
#include "disk/gpt.h"
#include "vm/boot-cd.h"
#include "vm/esp.h"

enum {
	ENTRY_MIN = 128, /* UEFI 2.10, 5.3.3: and powers of 2 times that */
	ENTRY_MAX = 4096,
};

static bool has_boot_code(const unsigned char *sector)
{
	for (size_t i = 0; i < GPT_BOOT_CODE_MAX; i++)
		if (sector[i])
			return true;
	return false;
}

/* What the table says of its partitions. */
struct table {
	uint64_t esp; /* its sector; 0: there is none */
	uint64_t end; /* of the last one; bytes */
};

static void read_table(const struct disk_image *i, const unsigned char *header, struct table *ret)
{
	uint64_t first = le64_get(header + 72);
	uint32_t n = le32_get(header + 80), size = le32_get(header + 84);
	unsigned char sector[DISK_SECTOR];

	if (size < ENTRY_MIN || size > ENTRY_MAX || (size & (size - 1)))
		return;
	for (uint32_t k = 0; k < n && k < GPT_PARTITIONS_MAX; k++) {
		uint64_t at = (uint64_t)k * size, last;
		const unsigned char *entry = sector + at % DISK_SECTOR;
		struct guid type;

		if (first > UINT32_MAX || !disk_image_read(i, first + at / DISK_SECTOR, sector))
			return;
		guid_get_mixed(entry, &type);
		last = guid_is_zero(&type) ? 0 : le64_get(entry + 40);
		if (guid_eq(&type, &gpt_type_esp) && !ret->esp)
			ret->esp = le64_get(entry + 32);
		if (last >= UINT64_MAX / DISK_SECTOR)
			ret->end = UINT64_MAX;
		else if ((last + 1) * DISK_SECTOR > ret->end && last)
			ret->end = (last + 1) * DISK_SECTOR;
	}
}

static bool is_table(const unsigned char *sector)
{
	return memcmp(sector, "EFI PART", 8) == 0;
}

void boot_disk_look(const struct disk_image *i, struct boot_disk *ret)
{
	unsigned char sector[DISK_SECTOR];
	struct table table = {0};
	bool has_code;

	*ret = (struct boot_disk){0};
	if (!disk_image_read(i, 0, sector))
		return;
	has_code = has_boot_code(sector);
	if (disk_image_read(i, 1, sector) && is_table(sector))
		read_table(i, sector, &table);
	ret->needs_uefi = table.esp && !has_code;
	if (table.esp)
		ret->arch = esp_arch(i, table.esp);
	if (!ret->arch && has_code)
		ret->arch = arch_find_bios()->name;
}

/* ---- what can't boot ---- */

static bool has_boot_mark(const unsigned char *sector)
{
	return sector[510] == 0x55 && sector[511] == 0xaa;
}

static int not_bootable(const char *path, const char *why, struct werr **err)
{
	werr_set(err, WERR_INVALID, "%s can't boot: %s", path, why);
	werr_hint(err, "`wherry build --format raw` makes a disk that boots");
	return werr_code(WERR_INVALID);
}

/* What it is instead decides what can be done with it. */
static int no_boot_sector(int fd, const char *path, struct werr **err)
{
	char head[CODEC_HEAD];
	const char *codec = NULL;

	if (boot_cd_is(fd)) {
		werr_set(err, WERR_INVALID, "%s can't boot as a disk: it is the image of a CD",
			path);
		werr_hint(err, "boot it as one, with --iso");
		return werr_code(WERR_INVALID);
	}
	if (pread(fd, head, sizeof(head), 0) == sizeof(head))
		codec = codec_detect(head, sizeof(head));
	if (!codec)
		return not_bootable(path, "it has no boot sector", err);
	werr_set(err, WERR_INVALID, "%s can't boot: it is compressed by %s", path, codec);
	werr_hint(err, "unpack it, and boot what was in it");
	return werr_code(WERR_INVALID);
}

static int cut_short(const char *path, uint64_t size, uint64_t end, struct werr **err)
{
	char has[16], needs[16];

	werr_set(err, WERR_INVALID, "%s is cut short: it has %s, and its partitions end at %s",
		path, str_size(has, size), str_size(needs, end));
	werr_hint(err, "build or copy it again");
	return werr_code(WERR_INVALID);
}

int boot_disk_check(const struct disk_image *i, const char *path, struct werr **err)
{
	unsigned char first[DISK_SECTOR], second[DISK_SECTOR] = {0};
	struct table table = {0};

	if (i->kind && i->size == 0)
		return not_bootable(path, "it is empty", err);
	if (!disk_image_read(i, 0, first))
		return not_bootable(path, "it is no image of a disk", err);
	if (!disk_image_read(i, 1, second))
		memset(second, 0, sizeof(second));
	if (!has_boot_mark(first) && !is_table(second))
		return no_boot_sector(i->fd, path, err);
	if (is_table(second))
		read_table(i, second, &table);
	return table.end > i->size ? cut_short(path, i->size, table.end, err) : 0;
}
