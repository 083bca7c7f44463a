/* SPDX-License-Identifier: Apache-2.0 */
#include "output/piece.h"

#include <string.h>

#include "base/mem.h"
#include "output/losses.h"
#include "codec/codec.h"

/* Which nodes of a content's first tree are not for an archive. */
struct left_out {
	const char *boot; /* what is below boot/: the boot loader's, of which an initrd has only the
			     empty folder */
	const char *files; /* an image's files, which come by themselves; or NULL */
	const struct part_content *content;
};

static bool is_left_out(const char *path, void *ctx)
{
	const struct left_out *l = ctx;

	return (l->boot && str_after(path, l->boot)) || (l->files && str_eq(path, l->files));
}

/* What another part tells in the same tar. */
static bool is_told(const char *path, void *ctx)
{
	const struct left_out *l = ctx;
	const struct part_content *c = l->content;
	const char *rest = c->once.dir ? str_after(c->once.dir, path) : NULL;

	return (rest && *rest == '/') || (c->once.has_boot && str_eq(path, "boot")) ||
	       (c->once.sbom && str_eq(path, c->once.sbom));
}

static int add_files(struct archiver *w, const struct part_content *c, bool explicit_only,
	bool once, struct werr **err)
{
	const struct tree *t = c->files ? c->files : c->tree;
	const struct archive_tree_options files = {
		.prefix = c->prefix,
		.origins = c->origins,
		.top = c->files ? t->root : tree_find(t, c->prefix),
		.explicit_only = explicit_only,
		.once = once,
		.with_root = true,
	};

	return files.top ? archiver_add_tree(w, t, &files, err) : 0;
}

static int add_content(
	struct archiver *w, const struct part_content *c, bool is_initrd, struct werr **err)
{
	/* The kernel makes no folder that isn't told. */
	bool explicit_only = (c->explicit_only && !is_initrd) || c->without_folders;
	bool once = c->once.wanted;
	struct left_out left_out = {is_initrd ? "boot/" : NULL, c->files ? NULL : c->prefix, c};
	const struct archive_tree_options own = {
		.origins = c->origins,
		.explicit_only = explicit_only,
		.once = once,
		.told = once && !is_initrd ? is_told : NULL,
		.with_root = c->with_root,
		.skip = is_left_out,
		.ctx = &left_out,
	};
	int r = archiver_add_tree(w, c->tree, &own, err);

	return r == 0 && c->prefix ? add_files(w, c, explicit_only, once, err) : r;
}

static int encode_initrd(const struct part_content *c, struct writer *to, struct werr **err)
{
	CLEANUP(writer) struct writer *compressor = NULL;
	CLEANUP(writer) struct writer *metered = NULL;
	CLEANUP(archiver) struct archiver *cpio = NULL;
	int r = compress_writer_new(
		to, c->compression.codec, c->compression.level, &compressor, err);

	if (r < 0)
		return r;
	metered = meter_writer_new(compressor, c->meter);
	cpio = archiver_new_cpio(metered);
	r = add_content(cpio, c, true, err);
	if (r == 0)
		r = cpio->finish(cpio, err);
	return r < 0 ? r : writer_finish(compressor, err);
}

static int encode_tar(const struct part_content *c, struct writer *to, struct werr **err)
{
	CLEANUP(writer) struct writer *metered = meter_writer_new(to, c->meter);
	CLEANUP(archiver) struct archiver *tar = archiver_new_tar(metered);

	return add_content(tar, c, false, err);
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
	CLEANUP(free) char *losses = kind == PIECE_LOSSES ? losses_text(c) : NULL;

	if (losses)
		return writer_write(to, losses, strlen(losses), err);
	if (kind == PIECE_INITRD)
		return encode_initrd(c, to, err);
	if (kind == PIECE_TAR)
		return encode_tar(c, to, err);
	file = tree_open_file(c->tree, tree_find(c->tree, boot_files[kind]));
	return io_copy(file, to, NULL, err);
}

bool piece_is_there(enum piece_kind kind, const struct part_content *c)
{
	const struct tree_node *n = boot_files[kind] ? tree_find(c->tree, boot_files[kind]) : NULL;
	CLEANUP(free) char *losses = kind == PIECE_LOSSES ? losses_text(c) : NULL;

	if (kind == PIECE_LOSSES)
		return losses != NULL;
	return !boot_files[kind] || (n && S_ISREG(n->meta.mode));
}

bool piece_is_kept(enum piece_kind kind)
{
	return kind != PIECE_TAR;
}

static int add_size(
	struct tree_node *n, ATTR_UNUSED const char *path, void *ctx, ATTR_UNUSED struct werr **err)
{
	uint64_t *size = ctx;

	if (S_ISREG(n->meta.mode))
		*size += n->file->size / n->file->links;
	return 0;
}

/* About as much as an archive of it has. */
static uint64_t content_size(const struct part_content *c)
{
	uint64_t size = 0;

	(void)tree_walk(c->tree, add_size, &size, NULL);
	if (c->files)
		(void)tree_walk(c->files, add_size, &size, NULL);
	return size;
}

int piece_encode(enum piece_kind kind, const struct part_content *content, struct writer *to,
	struct werr **err)
{
	if (content->meter)
		meter_start(content->meter, content_size(content));
	return encode(kind, content, to, err);
}
