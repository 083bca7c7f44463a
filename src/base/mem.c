/* SPDX-License-Identifier: Apache-2.0 */
#include "base/mem.h"

#include <string.h>
#include <unistd.h>

static ATTR_NORETURN void out_of_memory(void)
{
	static const char text[] = "wherry: out of memory\n";

	if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
		abort();
	abort();
}

void *mem_alloc(size_t size)
{
	void *p = calloc(1, size ? size : 1);

	if (!p)
		out_of_memory();
	return p;
}

void *mem_alloc_array(size_t n, size_t size)
{
	size_t total;

	if (!size_mul(n, size, &total))
		out_of_memory();
	return mem_alloc(total);
}

void *mem_resize(void *p, size_t n, size_t size)
{
	size_t total;

	if (!size_mul(n, size, &total))
		out_of_memory();
	p = realloc(p, total ? total : 1);
	if (!p)
		out_of_memory();
	return p;
}

void *mem_dup(const void *p, size_t size)
{
	void *copy = mem_alloc(size);

	if (size)
		memcpy(copy, p, size);
	return copy;
}

void mem_grow(void *items, size_t n, size_t *cap, size_t size)
{
	void **array = items;

	if (n >= *cap) {
		*cap = n < 8 ? 8 : n + n / 2;
		*array = mem_resize(*array, *cap, size);
	}
	memset((char *)*array + n * size, 0, size);
}

void fd_cleanup(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}
