/* SPDX-License-Identifier: Apache-2.0 */
/* The image of a CD that tells a machine who it is, as LinuxKit's package metadata reads it. */
#ifndef WHERRY_VM_METADATA_H
#define WHERRY_VM_METADATA_H

#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

enum { VM_METADATA_MAX = 64 << 20 };

/*
 * Write an ISO 9660 with one file, `config`, which has the data. The same data gives the same
 * bytes.
 */
int vm_metadata_write(
	const char *path, mode_t mode, const void *data, size_t size, struct werr **err);

#endif
