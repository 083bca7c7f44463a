/* SPDX-License-Identifier: Apache-2.0 */
/* The first bytes of a disk, and a whole one: what is on it, and its last partition. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mem.h"
#include "init/disk.h"
#include "tools/diskstate.h"
#include "tools/fsgrow.h"
#include "tools/lastpart.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* With sectors of either size. */
static void look_at_all(const uint8_t *data, size_t size)
{
	int fd = memfd_create("disk", MFD_CLOEXEC);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	for (uint32_t sector = 512; sector <= 4096; sector *= 8) {
		struct parttable t = {size, sector};
		char what[DISKSTATE_WHAT];
		struct werr *err = NULL;
		enum diskstate state;
		struct lastpart last;

		if (diskstate_look(fd, "it", &t, &state, what, &err) < 0)
			werr_free(STEAL(err));
		if (lastpart_find(fd, "it", &t, &last, &err) == 1 &&
			(last.at > size || last.size > size - last.at))
			abort();
		werr_free(err);
	}
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const types[] = {"ext4", "xfs", "btrfs"};
	struct disk_fs fs;
	uint64_t own;
	char uuid[DISK_UUID];

	if (disk_identify(data, size, &fs) &&
		(strlen(fs.uuid) >= DISK_UUID || strlen(fs.label) >= DISK_LABEL || !fs.type))
		abort();
	for (unsigned n = 0; n < 300; n++)
		if (disk_partition_uuid(data, size, n, uuid) && strlen(uuid) >= DISK_UUID)
			abort();
	diskstate_name(data, size);
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		fsgrow_size(types[i], data, size, &own);
	look_at_all(data, size);
	return 0;
}
