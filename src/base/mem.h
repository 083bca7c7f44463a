/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory. Small objects come from the heap without an error path: when there is no more memory, the
 * process reports it and aborts (outputs are written beside their place and renamed, so nothing
 * half-done is left). Hence two rules: the caller bounds a size that comes from outside, and these
 * functions do the multiplications.
 */
#ifndef WHERRY_BASE_MEM_H
#define WHERRY_BASE_MEM_H

#include <stdbool.h>
#include <stdlib.h>

#include "base/attr.h"

/* size bytes, all zero. Never NULL. Release with free(). */
void *mem_alloc(size_t size);
/* n * size bytes, all zero; aborts when the product does not fit. Never NULL. */
void *mem_alloc_array(size_t n, size_t size);
/* Resize to n * size bytes; new bytes are not set. Never NULL. */
void *mem_resize(void *p, size_t n, size_t size);
/* A copy of size bytes (at least one is allocated). */
void *mem_dup(const void *p, size_t size);

#define mem_new(type_)          ((type_ *)mem_alloc(sizeof(type_)))
#define mem_new_array(type_, n) ((type_ *)mem_alloc_array((n), sizeof(type_)))

/*
 * Make room in a growing array for one more element. *items is an array of elements of `size`
 * bytes, of which n are used and *cap have room; both pointers' targets are updated. The new
 * element is all zero.
 */
void mem_grow(void *items, size_t n, size_t *cap, size_t size);

static inline void free_cleanup(void *p)
{
	free(*(void **)p);
}

/* CLEANUP(fd) int fd = -1; closes it unless negative. */
void fd_cleanup(int *fd);

/* a + b and a * b into *ret; false when the result does not fit. */
static inline ATTR_WARN_UNUSED bool size_add(size_t a, size_t b, size_t *ret)
{
	return !__builtin_add_overflow(a, b, ret);
}
static inline ATTR_WARN_UNUSED bool size_mul(size_t a, size_t b, size_t *ret)
{
	return !__builtin_mul_overflow(a, b, ret);
}

#endif
