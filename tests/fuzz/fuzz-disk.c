/* SPDX-License-Identifier: Apache-2.0 */
/* The first bytes of a disk. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "init/disk.h"
#include "tools/diskstate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct disk_fs fs;
	char uuid[DISK_UUID];

	if (disk_identify(data, size, &fs) &&
		(strlen(fs.uuid) >= DISK_UUID || strlen(fs.label) >= DISK_LABEL || !fs.type))
		abort();
	for (unsigned n = 0; n < 300; n++)
		if (disk_partition_uuid(data, size, n, uuid) && strlen(uuid) >= DISK_UUID)
			abort();
	diskstate_name(data, size);
	return 0;
}
