/* SPDX-License-Identifier: Apache-2.0 */
/* Encodings that are a part packed for the image of a file system, but for boot/. */
#include "output/encoding.h"

static int encode(const struct encoding *e, const struct part_content *c, struct writer *to,
	struct werr **err)
{
	CLEANUP(writer) struct writer *nowhere = count_writer_new(NULL, NULL);
	CLEANUP(writer) struct writer *metered = meter_writer_new(nowhere, c->meter);
	const struct packed_options options = {
		.threads = c->threads,
		.watch = metered,
		.memo = c->memo,
		.fd = c->fd,
	};
	const struct packed_content content = {
		.tree = c->tree,
		.files = c->files,
		.prefix = c->files ? c->prefix : NULL,
		.without = "boot/",
		.with_root = c->with_root,
	};

	return packed_write(e->fs, &content, &options, to, err);
}

const struct encoding encoding_squashfs = {
	.name = "squashfs-part", .is_kept = true, .fs = &packed_squashfs, .encode = encode};

const struct encoding encoding_erofs = {
	.name = "erofs-part", .is_kept = true, .fs = &packed_erofs, .encode = encode};
