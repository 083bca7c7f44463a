/* SPDX-License-Identifier: Apache-2.0 */
/* Encodings that are a file as it is: of boot/, and the os-release. */
#include "contract/paths.h"
#include "output/encoding.h"

/* The regular file; NULL: there is none. That of boot/ is no symlink. */
static const struct tree_node *find(const struct encoding *e, const struct part_content *c)
{
	const struct tree_node *n = e == &encoding_os_release ? tree_resolve(c->tree, e->file)
							      : tree_find(c->tree, e->file);

	return n && S_ISREG(n->meta.mode) ? n : NULL;
}

static bool is_there(const struct encoding *e, const struct part_content *c)
{
	return find(e, c) != NULL;
}

static int copy(const struct encoding *e, const struct part_content *c, struct writer *to,
	struct werr **err)
{
	CLEANUP(reader) struct reader *file = tree_open_file(c->tree, find(e, c));

	return io_copy(file, to, NULL, err);
}

const struct encoding encoding_kernel = {.name = "kernel",
	.is_kept = true,
	.is_boot = true,
	.file = "boot/kernel",
	.is_there = is_there,
	.encode = copy};

const struct encoding encoding_cmdline = {.name = "cmdline",
	.is_kept = true,
	.is_boot = true,
	.file = "boot/cmdline",
	.is_there = is_there,
	.encode = copy};

const struct encoding encoding_ucode = {.name = "ucode",
	.is_kept = true,
	.is_boot = true,
	.file = "boot/ucode.cpio",
	.is_there = is_there,
	.encode = copy};

const struct encoding encoding_os_release = {.name = "os-release",
	.is_kept = true,
	.is_boot = true,
	.file = OS_RELEASE,
	.is_there = is_there,
	.encode = copy};
