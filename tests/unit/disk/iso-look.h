/* SPDX-License-Identifier: Apache-2.0 */
/* What tests of the ISO 9660 writer look for in what it wrote. */
#ifndef ISO_LOOK_H
#define ISO_LOOK_H

#include <string.h>
#include <sys/stat.h>

#include "base/endian.h"
#include "disk/iso9660.h"

enum { HEAD = 16 * 2048, ROOT = 21 };

static const struct iso_meta dir_meta = {.mode = S_IFDIR | 0755, .time = 1492533000};
static const struct iso_meta file_meta = {
	.mode = S_IFREG | 0640, .uid = 1, .gid = 70000, .links = 1, .time = 1492533000};

static inline int layout(struct iso_node *root, struct iso_image *ret, struct werr **err)
{
	return iso_layout(root, &(struct iso_options){.volume = "test"}, ret, err);
}

static inline const unsigned char *sector(const struct iso_image *i, unsigned number)
{
	return i->head + (size_t)(number - 16) * 2048;
}

/* The record of a directory that a name of ISO 9660 has. */
static inline const unsigned char *record(const struct iso_image *i, unsigned at, const char *id)
{
	const unsigned char *p = sector(i, at), *end = p + le32_get(p + 10);

	while (p < end) {
		if (p[0] == 0)
			p = i->head + ((size_t)(p - i->head) / 2048 + 1) * 2048;
		else if (p[32] == strlen(id) && memcmp(p + 33, id, p[32]) == 0)
			return p;
		else
			p += p[0];
	}
	return NULL;
}

/* A field of a record; NULL: there is none. */
static inline const unsigned char *field(const unsigned char *p, const char *name)
{
	const unsigned char *end = p + p[0];

	for (p += (33 + p[32] + 1) & ~1; p + 4 < end; p += p[2])
		if (memcmp(p, name, 2) == 0)
			return p;
	return NULL;
}

#endif
