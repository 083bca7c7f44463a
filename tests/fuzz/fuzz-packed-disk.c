/* SPDX-License-Identifier: Apache-2.0 */
/* The tar of a disk: what is unpacked has no more bytes, apart from holes, than there were. */
#include <stdint.h>
#include <stdlib.h>

#include "vm/unpack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct counter {
	struct writer writer;
	uint64_t bytes, holes;
};

static int count_write(
	struct writer *w, ATTR_UNUSED const void *p, size_t size, ATTR_UNUSED struct werr **err)
{
	CONTAINER_OF(w, struct counter, writer)->bytes += size;
	return 0;
}

static int count_skip(struct writer *w, uint64_t n, ATTR_UNUSED struct werr **err)
{
	struct counter *c = CONTAINER_OF(w, struct counter, writer);

	if (n > INT64_MAX - c->holes)
		abort();
	c->holes += n;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct counter to = {.writer = {.write = count_write, .skip = count_skip}};
	CLEANUP(reader) struct reader *tar = mem_reader_new(data, size);

	vm_disk_read(tar, size, &to.writer, NULL);
	if (to.bytes > size)
		abort();
	return 0;
}
