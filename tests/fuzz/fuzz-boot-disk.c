/* SPDX-License-Identifier: Apache-2.0 */
/* The image of a disk that is to be booted. */
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/io.h"
#include "base/mem.h"
#include "vm/boot-disk.h"
#include "vm/whole-disk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const formats[] = {"qcow2", "vmdk"};
	CLEANUP(fd) int fd = memfd_create("disk", MFD_CLOEXEC);

	/* Less than a boot sector and the header of a table can't say anything. */
	if (fd < 0 || fd_write_all(fd, data, size) < 0)
		abort();
	if (boot_disk_needs_uefi(fd) && size < 1024)
		abort();
	(void)boot_disk_check(fd, "disk", NULL);
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		(void)vm_disk_is_whole(formats[i], fd, 0, size);
	return 0;
}
