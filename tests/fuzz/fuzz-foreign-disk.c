/* SPDX-License-Identifier: Apache-2.0 */
/* The first byte chooses the kind of file, the others are the file. */
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/io.h"
#include "base/mem.h"
#include "vm/foreign-disk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {"a.vmdk", "a.vhd", "a.vhdx", "a.ova"};
	CLEANUP(qemu_disk) struct qemu_disk d = {0};
	CLEANUP(fd) int fd = -1;

	if (size < 1 || file_open_unnamed("/tmp", &fd, NULL) < 0 ||
		fd_write_all(fd, data + 1, size - 1) < 0)
		return 0;
	if (foreign_disk_look(fd, size - 1, names[data[0] % ARRAY_SIZE(names)], &d) &&
		(!d.format || d.offset > size || d.length > size - d.offset))
		abort();
	return 0;
}
