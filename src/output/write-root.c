/* SPDX-License-Identifier: Apache-2.0 */
/* The root's image, put together from the packed parts. */
#include "base/cancel.h"
#include "output/write.h"
#include "plan/whole.h"

static int add_part(struct packed_image *image, const struct piece *piece, struct werr **err)
{
	const struct io_range range = {piece->fd, 0, piece->size};
	CLEANUP(packed_content) struct packed_content content = {0};
	int r = packed_image_add(image, &range, &content, err);

	if (r < 0)
		return r;
	return plan_merge_content(packed_image_tree(image),
		&(struct part_content){.tree = content.tree,
			.files = content.files,
			.prefix = content.prefix,
			.with_root = content.with_root},
		err);
}

static int layout_packed(const struct output_job *job, struct extents *ret, struct werr **err)
{
	const struct encoding *e = job->root->image;
	CLEANUP(packed_image) struct packed_image *image = NULL;
	const struct piece *piece = NULL;
	int r = packed_image_new(e->fs, store_spool_dir(job->plan->store), BUILD_TIME, &image, err);

	while (r == 0 && (piece = pieces_next(job->pieces, e, piece)))
		r = add_part(image, piece, err);
	if (r < 0)
		return r;
	plan_empty_boot(packed_image_tree(image));
	return packed_image_lay_out(image, ret, err);
}

int output_layout_root(const struct output_job *job, struct extents *ret, struct werr **err)
{
	const struct piece *piece;

	if (job->root->image->fs)
		return layout_packed(job, ret, err);
	piece = pieces_last(job->pieces, job->root->image);
	if (!piece)
		return 0;
	ret->size = piece->size;
	return extents_add_range(ret, 0, &(struct io_range){piece->fd, 0, piece->size}, err);
}

int output_file_root(const struct output_job *job, struct extents *ret, struct werr **err)
{
	return job->root->image ? output_layout_root(job, ret, err) : OUTPUT_NONE;
}
