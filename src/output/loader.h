/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Boot loaders: component images that a format takes files from (the stub of a UKI, GRUB), and that
 * no part of the OS has. They are found like packages that a YAML file names.
 */
#ifndef WHERRY_OUTPUT_LOADER_H
#define WHERRY_OUTPUT_LOADER_H

#include "disk/extents.h"
#include "store/store.h"
#include "tree/tree.h"

struct loader_image {
	const char *name;          /* of the package: "efi-stub" */
	const struct image *image; /* in the store; not owned */
};

/* Those of a build; read when they are first needed, by any thread. */
struct loaders;
struct loaders *loaders_new(struct store *s, const struct loader_image *images, size_t n);
void loaders_free(struct loaders *l);
DEFINE_CLEANUP(struct loaders *, loaders_free, loaders)

enum { LOADER_FILE_MAX = 16 << 20 };
/*
 * Put a file's bytes into memory of `owner` (extents_alloc), where they may be changed; without the
 * file's place in it. WERR_NOT_FOUND when the build has no such loader, or that no such file.
 */
int loader_read(struct loaders *l, const char *name, const char *path, struct extents *owner,
	unsigned char **ret, size_t *ret_size, struct werr **err);

#endif
