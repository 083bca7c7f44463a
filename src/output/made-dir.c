/* SPDX-License-Identifier: Apache-2.0 */
#include "output/made-dir.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"

void made_dir_cleanup(struct made_dir *d)
{
	free(d->path);
	free(d->first);
}

static char *first_missing(const char *path)
{
	CLEANUP(free) char *above = path_dir(path);

	if (file_exists(path))
		return NULL;
	return str_eq(above, path) || file_exists(above) ? str_dup(path) : first_missing(above);
}

int made_dir_make(struct made_dir *d, const char *path, struct werr **err)
{
	size_t size = strlen(path);

	while (size > 1 && path[size - 1] == '/')
		size--;
	d->path = str_dup_n(path, size);
	d->first = first_missing(d->path);
	return d->first ? file_make_dirs(d->path, 0777, err) : 0;
}

void made_dir_remove(const struct made_dir *d)
{
	CLEANUP(free) char *path = d->first ? str_dup(d->path) : NULL;

	while (path && rmdir(path) == 0 && !str_eq(path, d->first)) {
		char *above = path_dir(path);

		free(path);
		path = above;
	}
}
