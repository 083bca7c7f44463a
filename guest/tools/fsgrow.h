/* SPDX-License-Identifier: Apache-2.0 */
/* Growing a file system to the size of its device: by the kernel, so that its journal covers it. */
#ifndef WHERRY_GUEST_FSGROW_H
#define WHERRY_GUEST_FSGROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/*
 * The size in bytes that a file system of the type says it has. p: the first size bytes of its
 * device, of which nothing is followed. False: not a type that can grow, or nonsense.
 */
bool fsgrow_size(const char *type, const unsigned char *p, size_t size, uint64_t *ret);
/*
 * Whether it is an ext4 that was not unmounted, by the same bytes. A growth may have been
 * interrupted, of which some is in place, and all in the journal. The kernel looks at the groups
 * before it replays that. So it doesn't mount what has a new superblock and old groups; and it
 * knows too few groups where both were old, and then doesn't let it grow.
 */
bool fsgrow_needs_replay(const char *type, const unsigned char *p, size_t size);
/* Have e2fsck replay its journal, unless it is mounted; the package has that program. */
int fsgrow_replay(const char *device, struct werr **err);
/*
 * Mount it on dir, which is left as it was, and have the kernel grow it to the whole device, which
 * has `size` bytes. type: one that fsgrow_size() knows.
 */
int fsgrow(const char *device, const char *type, uint64_t size, const char *dir, struct werr **err);

#endif
