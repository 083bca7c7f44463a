/* SPDX-License-Identifier: Apache-2.0 */
/* A tree as an image of one part. */
#ifndef WHERRY_TESTS_UNIT_FS_IMAGE_H
#define WHERRY_TESTS_UNIT_FS_IMAGE_H

#include <sys/stat.h>

#include "base/file.h"
#include "base/mem.h"
#include "fs/packed.h"
#include "tree/graft.h"

/* Lay out the image of packed parts, each of which describes the root. */
static inline int image_lay_out(const struct packed_format *f, const int *parts, size_t n,
	uint32_t time, struct extents *ret, struct werr **err)
{
	CLEANUP(packed_image) struct packed_image *image = NULL;
	int r = packed_image_new(f, file_temp_parent(), time, &image, err);

	for (size_t i = 0; r == 0 && i < n; i++) {
		CLEANUP(packed_content) struct packed_content content = {0};
		struct io_range range = {.fd = parts[i]};
		struct stat st;

		if (fstat(parts[i], &st) == 0)
			range.size = (uint64_t)st.st_size;
		r = packed_image_add(image, &range, &content, err);
		if (r == 0)
			r = tree_merge(packed_image_tree(image), "", &content.tree->root->meta,
				NULL, NULL, NULL, NULL, err);
		if (r == 0)
			r = tree_graft(packed_image_tree(image), "", content.tree, err);
	}
	return r == 0 ? packed_image_lay_out(image, ret, err) : r;
}

/* Pack a tree as a part, in an unnamed file. */
static inline int image_pack(const struct packed_format *f, struct tree *t,
	const struct packed_options *o, int *ret, struct werr **err)
{
	const struct packed_content content = {.tree = t, .with_root = true};
	CLEANUP(writer) struct writer *to = NULL;
	struct packed_options options = *o;
	int r = file_open_unnamed(file_temp_parent(), ret, err);

	if (r < 0)
		return r;
	to = fd_writer_new(*ret, FD_LENT, "a packed part");
	options.fd = *ret;
	return packed_write(f, &content, &options, to, err);
}

static inline int image_write(const struct packed_format *f, struct tree *t,
	const struct packed_options *o, struct writer *to, struct werr **err)
{
	CLEANUP(extents) struct extents image = {0};
	CLEANUP(fd) int part = -1;
	int r = image_pack(f, t, o, &part, err);

	if (r == 0)
		r = image_lay_out(f, &part, 1, 1, &image, err);
	return r == 0 ? extents_write(&image, 0, image.size, to, err) : r;
}

#endif
