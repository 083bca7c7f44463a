/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which package of a distribution a file is from, by what dpkg, apk and rpm have noted in an image.
 * What is broken there is left out: this is for people, and nothing depends on it.
 */
#ifndef WHERRY_INVENTORY_OWNERS_H
#define WHERRY_INVENTORY_OWNERS_H

#include "base/buf.h"
#include "inventory/software.h"
#include "tree/tree.h"

/* Changes when other files are found, or are written in another way. */
enum { OWNERS_FORM = 2, OWNERS_SIZE_MAX = 64 << 20, OWNERS_FILES_MAX = 1 << 20 };

struct owners_package {
	enum software_kind kind;
	char *name, *version; /* version: "" where it is not known */
};
struct owners_file {
	char *path; /* without symlinks, and without a leading slash */
	uint32_t package;
};
struct owners {
	struct owners_package *packages;
	size_t n, cap;
	struct owners_file *files; /* sorted by path, each once */
	size_t n_files, cap_files;
	size_t bytes; /* of the paths that lists had, also unusable ones: at most OWNERS_SIZE_MAX */
};

/*
 * Of the files below `prefix` ("" is the root) in a tree that has their bytes; paths are relative
 * to it.
 */
int owners_read(const struct tree *t, const char *prefix, struct owners *ret, struct werr **err);
/* NULL: none has it. */
const struct owners_package *owners_find(const struct owners *o, const char *path);
/* As text, for owners_parse. */
void owners_write(const struct owners *o, struct buf *out);
/* WERR_CORRUPT: it is no such text. */
int owners_parse(const char *text, size_t size, struct owners *ret, struct werr **err);
void owners_cleanup(struct owners *o);

/*
 * The lists. Each adds to o a package that is called so, or those that the list has itself, and its
 * files: dpkg's (a path in each line), that of md5sum, apk's, and a header of rpm's (rpm-header.h).
 * false: they ended early, as there is no room for more, or by Ctrl-C.
 */
bool owners_add_list(struct owners *o, const char *name, const char *text, size_t size);
bool owners_add_sums(struct owners *o, const char *name, const char *text, size_t size);
bool owners_add_apk(struct owners *o, const char *text, size_t size);
bool owners_add_rpm(struct owners *o, const unsigned char *header, size_t size);

#endif
