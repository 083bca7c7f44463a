/* SPDX-License-Identifier: Apache-2.0 */
/* The boot record and the catalogue of a CD, as its 17th and 18th sector. */
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mem.h"
#include "vm/boot-cd.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(fd) int fd = memfd_create("cd", MFD_CLOEXEC);

	if (fd >= 0 && pwrite(fd, data, size, (off_t)17 * 2048) == (ssize_t)size)
		(void)boot_cd_needs_uefi(fd);
	return 0;
}
