/* SPDX-License-Identifier: Apache-2.0 */
/* Encodings that are archives: a compressed cpio, the entries of a tar, and what that would have.
 */
#include "base/mem.h"
#include "base/str.h"
#include "archive/roll.h"
#include "output/encoding.h"

/* Which nodes of a content's first tree an archive leaves out. */
struct left_out {
	const char *boot;  /* what is below it belongs to the boot loader; NULL: nothing */
	const char *files; /* an image's files, which are added by themselves; or NULL */
	const struct part_content *content;
};

static bool is_left_out(const char *path, void *ctx)
{
	const struct left_out *l = ctx;

	return (l->boot && str_after(path, l->boot)) || (l->files && str_eq(path, l->files));
}

/* Does another part have this name in the same tar? */
static bool is_elsewhere(const char *path, void *ctx)
{
	const struct left_out *l = ctx;
	const struct part_content *c = l->content;
	const char *rest = c->once.dir ? str_after(c->once.dir, path) : NULL;

	return (rest && *rest == '/') || (c->once.has_boot && str_eq(path, "boot")) ||
	       (c->once.sbom && str_eq(path, c->once.sbom));
}

static int add_files(struct archiver *a, const struct part_content *c, bool explicit_only,
	bool once, bool with_origins, struct werr **err)
{
	const struct tree *t = c->files ? c->files : c->tree;
	const struct archive_tree_options files = {
		.prefix = c->prefix,
		.origins = with_origins ? c->origins : NULL,
		.top = c->files ? t->root : tree_find(t, c->prefix),
		.explicit_only = explicit_only,
		.once = once,
		.with_root = true,
	};

	return files.top ? archiver_add_tree(a, t, &files, err) : 0;
}

/* What an archive is for. */
enum use { USE_INITRD, USE_TAR, USE_ROLL };

static int add_content(
	struct archiver *a, const struct part_content *c, enum use use, struct werr **err)
{
	bool is_initrd = use == USE_INITRD;
	bool with_origins = c->with_records || use == USE_ROLL;
	/* The kernel makes no directory that has no entry. */
	bool explicit_only = (c->explicit_only && !is_initrd) || c->without_dirs;
	bool once = c->once.wanted;
	struct left_out left_out = {is_initrd ? "boot/" : NULL, c->files ? NULL : c->prefix, c};
	const struct archive_tree_options own = {
		.origins = with_origins ? c->origins : NULL,
		.explicit_only = explicit_only,
		.once = once,
		.elsewhere = once && !is_initrd ? is_elsewhere : NULL,
		.with_root = c->with_root,
		.skip = is_left_out,
		.ctx = &left_out,
	};
	int r = archiver_add_tree(a, c->tree, &own, err);

	return r == 0 && c->prefix ? add_files(a, c, explicit_only, once, with_origins, err) : r;
}

static int encode_initrd(ATTR_UNUSED const struct encoding *e, const struct part_content *c,
	struct writer *to, struct werr **err)
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
	r = add_content(cpio, c, USE_INITRD, err);
	if (r == 0)
		r = cpio->finish(cpio, err);
	return r < 0 ? r : writer_finish(compressor, err);
}

static int encode_tar(ATTR_UNUSED const struct encoding *e, const struct part_content *c,
	struct writer *to, struct werr **err)
{
	CLEANUP(writer) struct writer *metered = meter_writer_new(to, c->meter);
	CLEANUP(archiver) struct archiver *tar = archiver_new_tar(metered);

	return add_content(tar, c, USE_TAR, err);
}

const struct encoding encoding_initrd = {.name = "initrd",
	.is_kept = true,
	.is_compressed = true,
	.is_initrd = true,
	.encode = encode_initrd};

static int encode_roll(const struct encoding *e, const struct part_content *c, struct writer *to,
	struct werr **err)
{
	CLEANUP(archiver) struct archiver *roll = archiver_new_roll(to, e == &encoding_roll);
	int r = add_content(roll, c, USE_ROLL, err);

	return r == 0 ? roll->finish(roll, err) : r;
}

const struct encoding encoding_roll = {.name = "roll-2", .is_kept = true, .encode = encode_roll};
const struct encoding encoding_sheet = {
	.name = "sheet", .is_kept = true, .is_note = true, .encode = encode_roll};

const struct encoding encoding_tar = {.name = "tar", .encode = encode_tar};
