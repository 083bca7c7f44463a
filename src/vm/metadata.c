/* SPDX-License-Identifier: Apache-2.0 */
#include "vm/metadata.h"

#include <sys/stat.h>

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
	static const struct iso_meta top = {.mode = S_IFDIR | 0755, .time = TIME};
	static const struct iso_meta meta = {.mode = S_IFREG | 0644, .links = 1, .time = TIME};
	CLEANUP(iso_image) struct iso_image image = {0};
	CLEANUP(iso_node) struct iso_node *root = iso_node_new_root(&top);
	const struct iso_options options = {.volume = "config", .time = TIME};
	struct iso_file file = {.data = {.bytes = data, .size = size}};
	int r;

	iso_node_add(root, "config", &meta)->file = &file;
	r = iso_layout(root, &options, &image, err);
	if (r == 0)
		r = write_to(&image.extents, path, mode, err);
	werr_wrap(err, "write the metadata to %s", path);
	return r;
}
