/* SPDX-License-Identifier: Apache-2.0 */
#include "vm/metadata.h"

#include "base/atomic-file.h"
#include "base/mem.h"
#include "disk/disk.h"
#include "disk/iso9660.h"

/* Fixed, so that the bytes are the same tomorrow. */
enum { TIME = 1492533000 };

static int write_to(const struct extents *disk, const char *path, mode_t mode, struct werr **err)
{
	CLEANUP(atomic_file) struct atomic_file *file = NULL;
	CLEANUP(writer) struct writer *to = NULL;
	int r = atomic_file_open_named(&file, path, mode, err);

	if (r < 0)
		return r;
	to = fd_writer_new(file->fd, FD_LENT, path);
	r = disk_raw.write(disk, &(struct disk_options){0}, to, err);
	if (r == 0)
		r = writer_finish(to, err);
	return r < 0 ? r : atomic_file_commit(file, err);
}

int vm_metadata_write(
	const char *path, mode_t mode, const void *data, size_t size, struct werr **err)
{
	CLEANUP(extents) struct extents image = {0};
	const struct iso_file file = {"config", data, size};
	const struct iso_options options = {"config", TIME, &file, 1};
	int r = iso_layout(&options, &image, err);

	if (r == 0)
		r = write_to(&image, path, mode, err);
	werr_wrap(err, "write the metadata to %s", path);
	return r;
}
