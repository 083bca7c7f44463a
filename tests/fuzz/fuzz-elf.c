/* SPDX-License-Identifier: Apache-2.0 */
/* What an ELF file needs; no part of it may be asked for that isn't there. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/elf.h"

struct bytes {
	const uint8_t *p;
	size_t size;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int read_at(void *ctx, uint64_t offset, void *p, size_t size, struct werr **err)
{
	const struct bytes *b = ctx;

	(void)err;
	if (offset > b->size || size > b->size - offset)
		abort();
	memcpy(p, b->p + offset, size);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes b = {data, size};
	CLEANUP(elf) struct elf e = {0};
	CLEANUP(werr) struct werr *err = NULL;

	if (elf_read(&(struct elf_source){read_at, &b, size}, &e, &err) < 0 && !err)
		abort();
	return 0;
}
