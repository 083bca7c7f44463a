/* SPDX-License-Identifier: Apache-2.0 */
/* Encodings that are a file of boot/ as it is. */
#include "output/encoding.h"

static bool is_there(const struct encoding *e, const struct part_content *c)
{
	const struct tree_node *n = tree_find(c->tree, e->file);

	return n && S_ISREG(n->meta.mode);
}

static int copy(const struct encoding *e, const struct part_content *c, struct writer *to,
	struct werr **err)
{
	CLEANUP(reader)
	struct reader *file = tree_open_file(c->tree, tree_find(c->tree, e->file));

	return io_copy(file, to, NULL, err);
}

const struct encoding encoding_kernel = {.name = "kernel",
	.is_kept = true,
	.file = "boot/kernel",
	.is_there = is_there,
	.encode = copy};

const struct encoding encoding_cmdline = {.name = "cmdline",
	.is_kept = true,
	.file = "boot/cmdline",
	.is_there = is_there,
	.encode = copy};

const struct encoding encoding_ucode = {.name = "ucode",
	.is_kept = true,
	.file = "boot/ucode.cpio",
	.is_there = is_there,
	.encode = copy};
