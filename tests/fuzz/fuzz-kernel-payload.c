/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arbitrary bytes as a kernel: its payload is unpacked, or an error is returned. The output is
 * limited, since a few bytes can unpack to gigabytes.
 */
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/mem.h"
#include "plan/kernel-payload.h"

enum { OUT_MAX = 16 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(reader) struct reader *r = NULL;
	CLEANUP(werr) struct werr *err = NULL;
	CLEANUP(free) char *chunk = mem_alloc(IO_CHUNK);
	CLEANUP(fd) int fd = memfd_create("kernel", MFD_CLOEXEC);
	size_t got = 1;

	if (fd < 0 || fd_write_all(fd, data, size) < 0)
		abort();
	if (kernel_payload_open(fd, 0, size, "kernel", &r, &err) < 0 || !r)
		return 0;
	for (size_t total = 0; got > 0 && total < OUT_MAX; total += got)
		if (reader_read(r, chunk, IO_CHUNK, &got, &err) < 0)
			break;
	return 0;
}
