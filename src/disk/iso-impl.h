/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the ISO 9660 writer share. */
#ifndef WHERRY_DISK_ISO_IMPL_H
#define WHERRY_DISK_ISO_IMPL_H

#include <sys/stat.h>

#include "base/mem.h"
#include "disk/iso9660.h"

/* Sectors. */
enum {
	ISO_HEAD = 16, /* the volume's descriptor */
	ISO_TERMINATOR,
	ISO_SPARE, /* the terminator's place when there is a boot record */
	ISO_HEAD_END,
	ISO_BOOT_DIRS = 2, /* /boot and /boot/grub */
};
/* In the descriptor, what is for applications (8.4.32): a mark, and the sector of /boot. */
enum { ISO_MARK = 883, ISO_MARK_SIZE = 8, ISO_BOOT_PLACE = ISO_MARK + ISO_MARK_SIZE };
#define ISO_MARK_TEXT "/boot at"

enum { ISO_RECORD_MAX = 254, ISO_RECORD_ROOT = 34 };

static inline bool iso_is_dir(const struct iso_node *n)
{
	return n->dir != NULL;
}

static inline uint64_t iso_sectors_of(uint64_t size)
{
	return (size + ISO_SECTOR - 1) / ISO_SECTOR;
}

/* ---- iso-names.c ---- */

/* Letters become upper case; false: empty, too long, or another character than letters, digits, _.
 */
bool iso_volume_id(const char *name, char ret[static ISO_VOLUME_MAX + 1]);
/* Give the names of a directory ids, and sort them by these (9.3). */
int iso_names_sort(struct iso_dir *dir, struct werr **err);

/* ---- iso-rockridge.c ---- */

/*
 * The system use fields of records, which go on in continuation areas (SUSP 5.1): these are
 * gathered in sectors of their own, none of them in two.
 */
struct iso_overflow {
	uint64_t used;        /* bytes */
	uint32_t sector;      /* where they begin */
	unsigned char *bytes; /* NULL: they are only counted */
};
/* What a record stands for: of a directory also itself and its parent. */
enum iso_record { ISO_NAME, ISO_SELF, ISO_PARENT };
/* Put the fields behind a record of `used` bytes; the new number of bytes is even. */
size_t iso_fields_put(unsigned char *record, size_t used, const struct iso_node *n,
	enum iso_record kind, struct iso_overflow *o);

/* ---- iso-directory.c ---- */

void iso_both16_put(unsigned char *p, uint16_t v);
void iso_both32_put(unsigned char *p, uint32_t v);
/* 9.1.5, which has seven bytes. */
void iso_time_put(unsigned char *p, int64_t t);
/* The record of a directory without a name (8.4.18). */
void iso_root_record_put(unsigned char *p, const struct iso_node *root);
/*
 * Put a directory; its children are sorted. At NULL its size is found out, in whole sectors.
 */
uint64_t iso_directory_put(unsigned char *at, const struct iso_node *dir, struct iso_overflow *o);

#endif
