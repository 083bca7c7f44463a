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
	static const char *const formats[] = {"raw", "qcow2", "vmdk", "vpc", "vhdx"};
	CLEANUP(fd) int fd = memfd_create("disk", MFD_CLOEXEC);

	/* Less than a boot sector and the header of a table can't say anything. */
	if (fd < 0 || fd_write_all(fd, data, size) < 0)
		abort();
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		struct disk_image image;
		struct boot_disk found;

		(void)vm_disk_is_whole(formats[i], fd, 0, size);
		if (!disk_image_open(fd, formats[i], 0, 0, &image))
			continue;
		boot_disk_look(&image, &found);
		if (found.needs_uefi && size < 1024)
			abort();
		(void)boot_disk_check(&image, "disk", NULL);
	}
	return 0;
}
