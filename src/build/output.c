/* SPDX-License-Identifier: Apache-2.0 */
#include "build/output.h"

#include <string.h>

#include "build/build.h"

static int copy_kernel_file(
	const struct plan *p, const struct tree_node *n, struct writer *to, struct werr **err)
{
	CLEANUP(reader) struct reader *r = tree_open_file(p->kernel.tree, n);

	return io_copy(r, to, NULL, err);
}

static int write_kernel(const struct plan *p, ATTR_UNUSED const struct pieces *pieces,
	struct writer *to, struct werr **err)
{
	return copy_kernel_file(p, p->kernel.binary, to, err);
}

static int write_cmdline(const struct plan *p, ATTR_UNUSED const struct pieces *pieces,
	struct writer *to, struct werr **err)
{
	const char *text = p->config->kernel.cmdline;

	return writer_write(to, text, strlen(text), err);
}

static int write_pieces(
	const struct pieces *pieces, enum piece_kind kind, struct writer *to, struct werr **err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < pieces->n; i++)
		r = piece_copy(&pieces->of[i][kind], to, err);
	return r;
}

/* Microcode must come first, and uncompressed (the kernel's Documentation/arch/x86/microcode.rst). */
static int write_initrd(
	const struct plan *p, const struct pieces *pieces, struct writer *to, struct werr **err)
{
	uint64_t size = 0;
	CLEANUP(writer) struct writer *counter = count_writer_new(to, &size);
	int r = 0;

	if (p->kernel.ucode)
		r = copy_kernel_file(p, p->kernel.ucode, counter, err);
	if (r == 0)
		r = write_pieces(pieces, PIECE_INITRD, counter, err);
	return r < 0 ? r : writer_fill(to, 0, (4 - size % 4) % 4, err);
}

static int write_tar(ATTR_UNUSED const struct plan *p, const struct pieces *pieces,
	struct writer *to, struct werr **err)
{
	int r = write_pieces(pieces, PIECE_TAR, to, err);

	/* The end of a tar: two blocks of zeros. */
	return r < 0 ? r : writer_fill(to, 0, 1024, err);
}

const struct format formats[] = {
	{
		.name = "kernel+initrd",
		.needs_kernel = true,
		.kinds = {[PIECE_INITRD] = true},
		.files = {{"-kernel", write_kernel}, {"-initrd.img", write_initrd},
			{"-cmdline", write_cmdline}},
	},
	{
		.name = "tar",
		.stream = true,
		.kinds = {[PIECE_TAR] = true},
		.files = {{".tar", write_tar}},
	},
	{0},
};

static const char *const names[] = {"kernel+initrd", "tar", NULL};

const char *const *build_formats(void)
{
	return names;
}

const struct format *format_find(const char *name)
{
	for (const struct format *f = formats; f->name; f++)
		if (str_eq(f->name, name))
			return f;
	return NULL;
}
