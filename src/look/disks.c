/* SPDX-License-Identifier: Apache-2.0 */
/* Disks, in any format, and their partitions. */
#include <string.h>

#include "base/endian.h"
#include "base/mem.h"
#include "base/str.h"
#include "disk/disk-bytes.h"
#include "disk/gpt-read.h"
#include "disk/qcow2-format.h"
#include "disk/vhd-format.h"
#include "disk/vhdx-format.h"
#include "disk/vmdk-format.h"
#include "look/look-impl.h"

/* How files of other formats than raw begin, or end: QEMU's name of it. */
static const struct signature {
	const char *format, *magic;
	size_t size;
	uint64_t from_end;
} signatures[] = {
	{"qcow2", QCOW2_MAGIC, 4, 0},
	{"vmdk", VMDK_MAGIC, 4, 0},
	{"vhdx", VHDX_MAGIC, VHDX_MAGIC_SIZE, 0},
	{"vpc", VHD_MAGIC, VHD_MAGIC_SIZE, 0},
	{"vpc", VHD_MAGIC, VHD_MAGIC_SIZE, VHD_FOOTER},
};

static const char *format_of(struct bytes *b)
{
	for (size_t i = 0; i < ARRAY_SIZE(signatures); i++) {
		const struct signature *s = &signatures[i];
		char found[16];

		if (s->from_end <= b->size &&
			bytes_read(b, s->from_end ? b->size - s->from_end : 0, found, s->size,
				NULL) == 0 &&
			memcmp(found, s->magic, s->size) == 0)
			return s->format;
	}
	return NULL;
}

static bool has_table(struct bytes *b)
{
	char magic[8];

	return bytes_read(b, DISK_SECTOR, magic, sizeof(magic), NULL) == 0 &&
	       memcmp(magic, "EFI PART", sizeof(magic)) == 0;
}

bool look_is_disk(struct bytes *b)
{
	return format_of(b) || has_table(b);
}

static int open_partitions(struct look *l, struct bytes *disk, unsigned depth, struct werr **err)
{
	CLEANUP(free)
	struct gpt_found *found = mem_new_array(struct gpt_found, GPT_PARTITIONS_MAX);
	size_t n;
	int r = 0;

	if (!gpt_read(disk, found, &n))
		return werr_set(err, WERR_UNSUPPORTED, "the disk has no GUID partition table");
	for (size_t i = 0; r == 0 && i < n; i++) {
		const struct gpt_found *f = &found[i];
		const struct bytes_run run = {f->at, f->size};
		CLEANUP(free)
		char *name = *f->name ? str_printf("partition %u (%s)", f->number, f->name)
				      : str_printf("partition %u", f->number);
		CLEANUP(free) char *boot_name = str_printf("partition-%u", f->number);

		r = look_add(l, &(struct look_name){name, boot_name, depth}, NULL,
			bytes_of_runs(disk, &run, 1), err);
	}
	return r;
}

/* The bytes of an image are in a file, of which a part is the image. */
static int open_image(struct look *l, struct look_thing *t, const char *format, struct werr **err)
{
	struct disk_image image;
	struct io_range range;

	if (!bytes_are_range(t->bytes, &range) ||
		!disk_image_open(range.fd, format, range.offset, range.size, &image))
		return werr_set(err, WERR_CORRUPT, "the image of the disk is broken, or not known");
	return look_add(l, &(struct look_name){"disk", "disk", t->item.depth + 1},
		&look_kind_partitions, disk_bytes_new(&image), err);
}

int look_open_disk(struct look *l, struct look_thing *t, struct werr **err)
{
	const char *format = format_of(t->bytes);

	if (format)
		return open_image(l, t, format, err);
	t->item.kind = look_kind_partitions.name;
	return open_partitions(l, t->bytes, t->item.depth + 1, err);
}
