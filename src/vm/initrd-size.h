/* SPDX-License-Identifier: Apache-2.0 */
/* How large an initrd is where the kernel has unpacked it. */
#ifndef WHERRY_VM_INITRD_SIZE_H
#define WHERRY_VM_INITRD_SIZE_H

#include <stdint.h>

#include "base/error.h"

/*
 * The bytes of its archives, which are decompressed for that, and of what is not compressed, in
 * whole; or a number above max as soon as there are more than max. The errors of reading it and of
 * codec/codec.h.
 */
int vm_initrd_size(const char *path, uint64_t max, uint64_t *ret, struct werr **err);

#endif
