/* SPDX-License-Identifier: Apache-2.0 */
#include "store/export.h"

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"

static int folder_add(struct export_sink *sink, const char *path, ATTR_UNUSED uint64_t size,
	struct reader *content, struct werr **err)
{
	const struct export_folder *f = CONTAINER_OF(sink, struct export_folder, sink);
	CLEANUP(free) char *whole = path_join(f->dir, path);
	CLEANUP(free) char *dir = path_dir(whole);
	CLEANUP(atomic_file) struct atomic_file *file = NULL;
	CLEANUP(writer) struct writer *to = NULL;
	int r = file_make_dirs(dir, 0777, err);

	if (r == 0)
		r = atomic_file_open(&file, whole, 0644, err);
	if (r < 0)
		return r;
	to = fd_writer_new(file->fd, false, whole);
	r = io_copy(content, to, NULL, err);
	return r < 0 ? r : atomic_file_commit(file, err);
}

void export_folder_init(struct export_folder *f, const char *dir)
{
	*f = (struct export_folder){.sink = {folder_add}, .dir = dir};
}
