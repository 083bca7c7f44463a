/* SPDX-License-Identifier: Apache-2.0 */
/* The ID that tells one build of this program from another. */
#ifndef WHERRY_BASE_BUILD_ID_H
#define WHERRY_BASE_BUILD_ID_H

#include <stddef.h>

/*
 * The build ID that the linker gave the running program (the ELF note NT_GNU_BUILD_ID): *ret has
 * *size bytes, which stay valid. Returns 0, or -ENOENT when the program has none.
 */
int program_build_id(const void **ret, size_t *size);

#endif
