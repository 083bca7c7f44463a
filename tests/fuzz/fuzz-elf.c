/* SPDX-License-Identifier: Apache-2.0 */
/* The libraries that an ELF file needs, or an error. */
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/mem.h"
#include "pkg/elf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(fd) int fd = memfd_create("elf", MFD_CLOEXEC);
	CLEANUP(elf) struct elf e = {0};
	CLEANUP(werr) struct werr *err = NULL;

	if (fd < 0 || fd_write_all(fd, data, size) < 0)
		abort();
	if (elf_read(&(struct io_range){fd, 0, size}, &e, &err) < 0 && !err)
		abort();
	return 0;
}
