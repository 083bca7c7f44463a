/* SPDX-License-Identifier: Apache-2.0 */
/* The encoding that is the image of an ISO 9660 with the whole OS, but for boot/. */
#include "fs/fs.h"
#include "output/encoding.h"

static int encode(ATTR_UNUSED const struct encoding *e, const struct part_content *c,
	struct writer *to, struct werr **err)
{
	CLEANUP(writer) struct writer *nowhere = count_writer_new(NULL, NULL);
	CLEANUP(writer) struct writer *metered = meter_writer_new(nowhere, c->meter);
	const struct fs_options options = {
		.scratch_dir = c->spool_dir,
		.threads = c->threads,
		.time = BUILD_TIME,
		.watch = metered,
	};

	return fs_iso9660.write(c->tree, &options, to, err);
}

const struct encoding encoding_iso = {
	.name = "iso", .is_whole = true, .is_kept = true, .encode = encode};
