/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A packed part: its trees, where the bytes of its files are, its segments for the memo; and the
 * image that is laid out of it, whose extents lie in the part.
 */
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "fs/fs-impl.h"
#include "tree/graft.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* All that the rest of the library relies on. */
static void check_files(const struct fs_packed *p, uint64_t size)
{
	for (size_t i = 0; i < p->n_files; i++) {
		const struct fs_file *f = &p->files[i];

		if (f->at > size || f->stored > size - f->at || f->first_unit > p->n_units ||
			f->n_units > p->n_units - f->first_unit || f->same >= p->n_files ||
			(f->shared != FS_NONE && f->shared >= p->n_shared))
			abort();
	}
}

static void check_extents(const struct extents *e, const struct io_range *packed)
{
	for (size_t i = 0; i < e->n; i++) {
		const struct io_range *range = &e->items[i].range;

		if (!e->items[i].bytes && range->fd == packed->fd &&
			(range->offset > packed->size ||
				range->size > packed->size - range->offset))
			abort();
	}
}

static void lay_out(const struct packed_format *f, const struct io_range *packed)
{
	CLEANUP(packed_image) struct packed_image *image = NULL;
	CLEANUP(packed_content) struct packed_content content = {0};
	CLEANUP(extents) struct extents e = {0};
	struct tree *tree;

	if (packed_image_new(f, file_temp_parent(), 1, &image, NULL) < 0 ||
		packed_image_add(image, packed, &content, NULL) < 0)
		return;
	tree = packed_image_tree(image);
	if (tree_graft(tree, "", content.tree, NULL) == 0 &&
		(!content.files || tree_graft(tree, "files", content.files, NULL) == 0) &&
		packed_image_lay_out(image, &e, NULL) == 0)
		check_extents(&e, packed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(packed_content) struct packed_content content = {0};
	CLEANUP(packed_memo) struct packed_memo *memo = packed_memo_new(1);
	CLEANUP(fd) int fd = memfd_create("packed", MFD_CLOEXEC);
	struct io_range packed = {.fd = fd, .size = size};
	struct fs_packed p = {0};

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		return 0;
	if (fs_index_read(&packed, file_temp_parent(), 0, &content, &p, NULL) == 0)
		check_files(&p, size);
	fs_packed_cleanup(&p);
	packed_memo_add_part(memo, &packed_squashfs, &packed, NULL);
	packed_memo_add_part(memo, &packed_erofs, &packed, NULL);
	lay_out(&packed_squashfs, &packed);
	lay_out(&packed_erofs, &packed);
	return 0;
}
