/* SPDX-License-Identifier: Apache-2.0 */
/* Arbitrary bytes as a program made by Go, and as the section that says what it was built from. */
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/mem.h"
#include "inventory/go-build.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(fd) int fd = memfd_create("go", MFD_CLOEXEC);
	CLEANUP(software_list) struct software_list l = {0};

	if (fd < 0 || fd_write_all(fd, data, size) < 0)
		abort();
	(void)go_build_read(&l, &(struct io_range){fd, 0, size}, NULL);
	(void)go_build_parse(&l, data, size, NULL);
	software_sort(&l);
	return 0;
}
