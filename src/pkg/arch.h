/* SPDX-License-Identifier: Apache-2.0 */
/* What an architecture is called, and how its programs are marked. */
#ifndef WHERRY_PKG_ARCH_H
#define WHERRY_PKG_ARCH_H

#include <stdint.h>

struct arch {
	const char *name;    /* OCI's: "amd64" */
	const char *debian;  /* Debian's: "amd64", "armhf" */
	const char *triplet; /* of its folders of libraries */
	uint16_t machine;    /* EM_... of elf.h */
};

/* By OCI's name; NULL when it is not one that Debian has. */
const struct arch *arch_find(const char *name);

#endif
