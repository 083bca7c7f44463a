/* SPDX-License-Identifier: Apache-2.0 */
/* What differs between two subjects: files, packages and configurations. */
#ifndef WHERRY_CLI_DIFFERENCES_H
#define WHERRY_CLI_DIFFERENCES_H

#include "cli/subject.h"

enum {
	DIFFERS_TYPE = 1,
	DIFFERS_MODE = 2,
	DIFFERS_OWNER = 4,
	DIFFERS_SIZE = 8,
	DIFFERS_CONTENT = 16, /* with the same size */
	DIFFERS_TARGET = 32,  /* of a symlink */
	DIFFERS_DEVICE = 64,
	DIFFERS_XATTRS = 128, /* extended attributes, capabilities of files among them */
};

struct difference {
	char *path;
	const struct tree_node *a, *b; /* NULL: it was added; it was removed */
	unsigned what;                 /* DIFFERS_..., when both are there */
};
struct differences {
	struct difference *items; /* in the order of their paths */
	size_t n, cap;
	uint64_t size_a, size_b; /* bytes of all files */
	/* "NAME VERSION", and lines of configurations: of the first only, of the second only. */
	struct strv packages_a, packages_b, config_a, config_b;
};

/*
 * Both are loaded, with the contents of files only if some have to be compared: those of layers
 * that two images share, of parts that YAML files share, and of archives that initrds share, are
 * not read. Times do not count.
 */
int differences_find(
	struct subject *a, struct subject *b, struct differences *ret, struct werr **err);
void differences_cleanup(struct differences *d);
static inline bool differences_any(const struct differences *d)
{
	return d->n || d->packages_a.n || d->packages_b.n || d->config_a.n || d->config_b.n;
}

#endif
