/* SPDX-License-Identifier: Apache-2.0 */
/* Encrypted swap: dm-crypt over a loop device, with a key that only the kernel has. */
#ifndef WHERRY_GUEST_SWAP_CRYPT_H
#define WHERRY_GUEST_SWAP_CRYPT_H

#include "base/error.h"

/*
 * Map an open swap file or device, all but its first 64 KiB, and write a swap area there. The area
 * at its beginning stays, by which it is known as swap at the next boot. *ret is the path of the
 * mapped device, owned by the caller. WERR_EXISTS: it is mapped already.
 */
int swap_crypt_open(int fd, const char *path, char **ret, struct werr **err);

#endif
