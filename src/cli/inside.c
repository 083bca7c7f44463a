/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/inside.h"

#include <sys/stat.h>

#include "base/mem.h"
#include "base/path.h"

int inside_find(const struct tree *t, const char *label, const char *path, struct tree_node **ret,
	struct werr **err)
{
	CLEANUP(free) char *inside = path_inside(path);

	*ret = inside ? tree_resolve(t, inside) : NULL;
	if (*ret)
		return 0;
	return werr_set(err, WERR_NOT_FOUND, "%s has no %s", label, path);
}

const char *inside_type(uint32_t mode)
{
	static const struct {
		uint32_t type;
		const char *name;
	} types[] = {{S_IFREG, "file"}, {S_IFDIR, "directory"}, {S_IFLNK, "symlink"},
		{S_IFCHR, "character device"}, {S_IFBLK, "block device"}, {S_IFIFO, "fifo"},
		{S_IFSOCK, "socket"}};

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if ((mode & S_IFMT) == types[i].type)
			return types[i].name;
	return "unknown";
}
