/* SPDX-License-Identifier: Apache-2.0 */
/* Arbitrary bytes as an initrd whose unpacked size is wanted; with a limit it is no other one. */
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/io.h"
#include "base/mem.h"
#include "base/str.h"
#include "vm/initrd-size.h"

enum { ALL = 64 << 20, SOME = 100 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(fd) int fd = memfd_create("initrd", MFD_CLOEXEC);
	CLEANUP(free) char *path = str_printf("/proc/self/fd/%d", fd);
	uint64_t whole = 0, part = 0;

	if (fd < 0 || fd_write_all(fd, data, size) < 0)
		abort();
	if (vm_initrd_size(path, ALL, &whole, NULL) < 0)
		return 0;
	if (vm_initrd_size(path, SOME, &part, NULL) < 0 || (part <= SOME && part != whole))
		abort();
	return 0;
}
