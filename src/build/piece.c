/* SPDX-License-Identifier: Apache-2.0 */
#include "build/piece.h"

#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "tree/codec.h"

/* What is in boot/ is the boot loader's; an initrd has only the empty folder. */
static bool below_boot(const char *path, ATTR_UNUSED void *ctx)
{
	return str_after(path, "boot/") != NULL;
}

static int add_content(
	struct image_writer *w, const struct part_content *c, bool with_boot, struct werr **err)
{
	const struct image_tree_options own = {.origins = c->origins,
		.with_root = c->with_root,
		.skip = with_boot ? NULL : below_boot};
	const struct image_tree_options files = {
		.prefix = c->prefix, .origins = c->origins, .with_root = true};
	int r = image_add_tree(w, c->tree, &own, err);

	if (r == 0 && c->files)
		r = image_add_tree(w, c->files, &files, err);
	return r;
}

static int encode_initrd(const struct part_content *c, struct writer *to, struct werr **err)
{
	CLEANUP(writer) struct writer *compressor = NULL;
	CLEANUP(image_writer) struct image_writer *cpio = NULL;
	int r = compress_writer_new(to, CODEC_ZSTD, 0, &compressor, err);

	if (r < 0)
		return r;
	cpio = cpio_writer_new(compressor);
	r = add_content(cpio, c, false, err);
	if (r == 0)
		r = cpio->finish(cpio, err);
	return r < 0 ? r : writer_finish(compressor, err);
}

static int encode_tar(const struct part_content *c, struct writer *to, struct werr **err)
{
	CLEANUP(image_writer) struct image_writer *tar = tar_writer_new(to);

	return add_content(tar, c, true, err);
}

static const char *const boot_files[PIECE_KINDS] = {
	[PIECE_KERNEL] = "boot/kernel",
	[PIECE_CMDLINE] = "boot/cmdline",
	[PIECE_UCODE] = "boot/ucode.cpio",
};

static int encode(
	enum piece_kind kind, const struct part_content *c, struct writer *to, struct werr **err)
{
	CLEANUP(reader) struct reader *file = NULL;

	if (kind == PIECE_INITRD)
		return encode_initrd(c, to, err);
	if (kind == PIECE_TAR)
		return encode_tar(c, to, err);
	file = tree_open_file(c->tree, tree_find(c->tree, boot_files[kind]));
	return io_copy(file, to, NULL, err);
}

/* Does the part have the file that makes a piece of this kind? */
static bool has_content(enum piece_kind kind, const struct part_content *c)
{
	const struct tree_node *n = boot_files[kind] ? tree_find(c->tree, boot_files[kind]) : NULL;

	return !boot_files[kind] || (n && S_ISREG(n->meta.mode));
}

int piece_encode(enum piece_kind kind, const struct part_content *content, const char *dir,
	struct piece *ret, struct werr **err)
{
	CLEANUP(fd) int fd = -1;
	CLEANUP(writer) struct writer *file = NULL;
	CLEANUP(writer) struct writer *counter = NULL;
	uint64_t size = 0;
	int r;

	if (!has_content(kind, content))
		return 0;
	r = file_open_unnamed(dir, &fd, err);
	if (r < 0)
		return r;
	file = fd_writer_new(fd, false, dir);
	counter = count_writer_new(file, &size);
	r = encode(kind, content, counter, err);
	if (r < 0)
		return r;
	*ret = (struct piece){.fd = fd_steal(&fd), .size = size};
	return 0;
}

void piece_cleanup(struct piece *p)
{
	if (p->fd >= 0)
		close(p->fd);
	*p = (struct piece){.fd = -1};
}
