/* SPDX-License-Identifier: Apache-2.0 */
#include "common/names.h"

#include <dirent.h>
#include <errno.h>

int names_in(const char *dir, struct strv *ret)
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
