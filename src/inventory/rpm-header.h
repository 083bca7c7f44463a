/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is read of a header of rpm: its docs/manual/format.md, "Header", without the magic, and
 * docs/manual/tags.md.
 */
#ifndef WHERRY_INVENTORY_RPM_HEADER_H
#define WHERRY_INVENTORY_RPM_HEADER_H

#include <stdint.h>

#include "inventory/software.h"

enum { RPM_TAGS_MAX = 1 << 16, RPM_FILES_MAX = 1 << 20, RPM_EPOCH_SIZE = 11 };

enum rpm_text {
	RPM_NAME,
	RPM_VERSION,
	RPM_RELEASE,
	RPM_EPOCH,
	RPM_LICENSE,
	RPM_ARCH,
	RPM_SOURCE,
	RPM_TEXTS
};

/* Values of one kind: n texts, each with a NUL, or n numbers, in `size` bytes or fewer. */
struct rpm_list {
	const char *p;
	size_t size;
	uint32_t n;
};

/* All of it points into the header, but for the epoch: it can't be copied. */
struct rpm_header {
	struct software_slice texts[RPM_TEXTS];
	char epoch[RPM_EPOCH_SIZE];
	struct rpm_list dirs, names, indexes; /* of its files: see rpm_visit_files */
};

/* Of a tag that is there more than once the last counts, as in rpm. WERR_CORRUPT. */
int rpm_header_read(struct rpm_header *ret, const unsigned char *p, size_t size, struct werr **err);
/* "1.2-3.fc40"; owned by the caller. */
char *rpm_header_version(const struct rpm_header *h);
/* A key that was imported, which rpm keeps as a package. */
bool rpm_header_is_key(const struct rpm_header *h);

/* dir: "/usr/bin/". false ends the visits. */
typedef bool rpm_visit_file(const char *dir, const char *name, void *ctx);
/*
 * Call visit for each file and directory of the package; what is broken there is left out. false: a
 * visit has ended them.
 */
bool rpm_visit_files(const struct rpm_header *h, rpm_visit_file *visit, void *ctx);

#endif
