/* SPDX-License-Identifier: Apache-2.0 */
/* The program swap: makes a swap file and uses it. */
#ifndef WHERRY_GUEST_SWAP_H
#define WHERRY_GUEST_SWAP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

enum { SWAP_CONDITIONS_MAX = 16, SWAP_LABEL = 16 };

/* A condition "part:PATH[:required]" or "partsize:PATH:SIZE[:required]" of LinuxKit's. */
struct swap_condition {
	char *path;
	uint64_t size; /* at least, of the file system that path is on; 0: path is a mount point */
	bool required; /* it is an error when it is not met */
};

struct swap {
	const char *path;  /* below /var, or a device below /dev */
	const char *label; /* or NULL; shorter than SWAP_LABEL */
	uint64_t size;     /* bytes; 0: all of the device */
	bool encrypt;      /* with a key that is never stored */
	struct swap_condition conditions[SWAP_CONDITIONS_MAX];
	size_t n_conditions;
};
void swap_cleanup(struct swap *s);

/*
 * Read --path PATH (or --file) --size SIZE [--condition C]... [--label L] [--encrypt] [--debug].
 * WERR_USAGE.
 */
int swap_parse(int argc, char **argv, struct swap *ret, struct werr **err);

/*
 * Use the swap file, which is made when it does not exist; nothing that exists is ever overwritten.
 * Exit code 0 also when a condition that is not required is not met.
 */
int swap_main(int argc, char **argv);

#endif
