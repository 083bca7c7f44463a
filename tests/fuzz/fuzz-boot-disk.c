/* SPDX-License-Identifier: Apache-2.0 */
/* The image of a disk that is to be booted. */
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/io.h"
#include "base/mem.h"
#include "vm/boot-disk.h"
#include "vm/whole-disk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look(int fd, const char *format)
{
	uint64_t size = (uint64_t)lseek(fd, 0, SEEK_END);
	struct disk_image image;
	struct boot_disk found;

	(void)vm_disk_is_whole(format, fd, 0, size);
	if (!disk_image_open(fd, format, 0, 0, &image))
		return;
	boot_disk_look(&image, &found);
	/* Less than a boot sector and the header of a table can't say anything. */
	if (found.needs_uefi && image.size < 1024)
		abort();
	(void)boot_disk_check(&image, "disk", NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const formats[] = {"raw", "qcow2", "vmdk", "vpc"};
	CLEANUP(fd) int fd = memfd_create("disk", MFD_CLOEXEC);

	if (fd < 0 || fd_write_all(fd, data, size) < 0)
		abort();
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		look(fd, formats[i]);
	/* The first table of a VHDX is behind 192 KiB of what need not be in the input. */
	if (pwrite(fd, data, size, 192 << 10) != (ssize_t)size)
		abort();
	look(fd, "vhdx");
	return 0;
}
