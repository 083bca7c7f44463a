/* SPDX-License-Identifier: Apache-2.0 */
#include "common/fs.h"

#include <dirent.h>
#include <errno.h>
#include <linux/magic.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>

#include "base/file.h"

int fs_names(const char *dir, struct strv *ret)
{
	DIR *d = opendir(dir);
	struct dirent *entry;

	if (!d)
		return -errno;
	while ((entry = readdir(d)))
		if (entry->d_name[0] != '.')
			strv_add(ret, entry->d_name);
	closedir(d);
	strv_sort(ret);
	return 0;
}

bool fs_is_persistent(const char *dir)
{
	struct statfs fs;

	if (statfs(dir, &fs) < 0 || (fs.f_flags & ST_RDONLY))
		return false;
	/* Signed in some architectures, where half of all magic numbers are negative. */
	switch ((uint32_t)fs.f_type) {
	case TMPFS_MAGIC:
	case RAMFS_MAGIC:
	case OVERLAYFS_SUPER_MAGIC:
		return false;
	default:
		return true;
	}
}

uint64_t fs_number(const char *path)
{
	char text[64];
	uint64_t n;

	if (file_read_small(path, text, sizeof(text)) < 0)
		return 0;
	text[strcspn(text, "\n")] = 0;
	return str_to_u64(text, 10, &n) == 0 ? n : 0;
}
