/* SPDX-License-Identifier: Apache-2.0 */
#include "common/persistent.h"

#include <linux/magic.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>

bool persistent(const char *dir)
{
	struct statfs fs;

	return statfs(dir, &fs) == 0 && fs.f_type != TMPFS_MAGIC && fs.f_type != RAMFS_MAGIC &&
	       fs.f_type != OVERLAYFS_SUPER_MAGIC && !(fs.f_flags & ST_RDONLY);
}
