/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arbitrary bytes as input to the decoders, which must reach the end or an error. The output is
 * limited, since a few bytes can unpack to gigabytes.
 */
#include <stdint.h>

#include "base/io.h"
#include "base/mem.h"
#include "codec/codec.h"

enum { OUT_MAX = 16 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef int open_reader(
	struct reader *from, const char *name, struct reader **ret, struct werr **err);

static void run(open_reader *open, const uint8_t *data, size_t size)
{
	CLEANUP(reader) struct reader *r = NULL;
	CLEANUP(werr) struct werr *err = NULL;
	CLEANUP(free) char *chunk = mem_alloc(IO_CHUNK);
	size_t got = 1;

	if (open(mem_reader_new(data, size), "input", &r, &err) < 0)
		return;
	for (size_t total = 0; got > 0 && total < OUT_MAX; total += got)
		if (reader_read(r, chunk, IO_CHUNK, &got, &err) < 0)
			break;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	run(decompress_reader_new, data, size);
	run(decompress_wide_reader_new, data, size);
	return 0;
}
