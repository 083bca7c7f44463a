/* SPDX-License-Identifier: Apache-2.0 */
/* Where the OS's root file system is: in memory, or read-only on a disk. */
#ifndef WHERRY_OUTPUT_ROOT_H
#define WHERRY_OUTPUT_ROOT_H

#include "output/encoding.h"

enum { ROOT_ENCODINGS_MAX = 4 };

struct root_kind {
	const char *name;             /* what --root calls it: "initrd", "squashfs", "erofs" */
	const struct encoding *image; /* of a disk that has it; NULL: the initrd does */
	const struct encoding *encodings[ROOT_ENCODINGS_MAX]; /* all it needs; NULL ends them */
};
extern const struct root_kind root_initrd, root_squashfs, root_erofs, root_iso;

/* NULL: there is no such kind. */
const struct root_kind *root_kind_find(const char *name);
/* Names of all kinds; NULL ends them. */
const char *const *root_kind_names(void);

#endif
