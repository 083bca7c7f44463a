/* SPDX-License-Identifier: Apache-2.0 */
/* The boot record and the catalogue of a CD, as its 18th and 19th sector. */
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mem.h"
#include "vm/boot-cd.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char volume[] = "\1CD001\1";
	CLEANUP(fd) int fd = memfd_create("cd", MFD_CLOEXEC);

	struct boot_disk found;

	if (fd >= 0 && pwrite(fd, volume, sizeof(volume), (off_t)16 * 2048) > 0 &&
		pwrite(fd, data, size, (off_t)17 * 2048) == (ssize_t)size) {
		boot_cd_look(fd, &found);
		(void)boot_cd_check(fd, "cd", NULL);
	}
	return 0;
}
