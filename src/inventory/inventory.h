/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is installed in an image, found in its tree: the databases of dpkg, apk and rpm, and the
 * programs that Go made. An image is untrusted: what is broken in it is noted and left out.
 */
#ifndef WHERRY_INVENTORY_INVENTORY_H
#define WHERRY_INVENTORY_INVENTORY_H

#include "base/buf.h"
#include "base/str.h"
#include "inventory/software.h"
#include "tree/tree.h"

/* Changes when other things are found, or are written in another way. */
enum { INVENTORY_FORM = 1, INVENTORY_SIZE_MAX = 256 << 20 };

struct inventory {
	struct software_list software; /* sorted */
	char *distro, *release;        /* os-release(5): ID and VERSION_ID; "" */
	struct strv notes;             /* for people: what could not be read, and why */
};

/* Look through a tree that has the bytes of its files. Can be interrupted. */
int inventory_read(const struct tree *t, struct inventory *ret, struct werr **err);
/* As text, for inventory_parse. */
void inventory_write(const struct inventory *i, struct buf *out);
/* WERR_CORRUPT: it is no such text. */
int inventory_parse(const char *text, size_t size, struct inventory *ret, struct werr **err);
void inventory_cleanup(struct inventory *i);

#endif
