/* SPDX-License-Identifier: Apache-2.0 */
/* The files of an image: ls, cat. */
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/path.h"
#include "plan/rootfs.h"
#include "cli/commands.h"
#include "cli/image.h"
#include "cli/output.h"
#include "data/json.h"

enum { RESULT_MAX = 1 << 20, SHOW_AT = 128 << 10 };

/* A node by a path as people write it, links followed inside the image. */
static int find(const struct tree *t, const struct image *image, const char *path,
	struct tree_node **ret, struct werr **err)
{
	CLEANUP(free) char *inside = path_inside(path);

	*ret = inside ? tree_resolve(t, inside) : NULL;
	if (*ret)
		return 0;
	return werr_set(err, WERR_NOT_FOUND, "image %s has no %s", image->name, path);
}

/* ---- ls ---- */

struct ls_options {
	struct image_options image;
	bool all_below, details;
};

static const struct option ls_options[] = {
	{.name = "long",
		.letter = 'l',
		.kind = OPTION_FLAG,
		.help = "Also mode, owner, size and time (UTC) of each",
		.offset = offsetof(struct ls_options, details)},
	{.name = "recursive",
		.letter = 'R',
		.kind = OPTION_FLAG,
		.help = "Also what is in the folders below",
		.offset = offsetof(struct ls_options, all_below)},
	{0},
};

struct listing {
	struct buf *out;
	const struct ls_options *options;
	bool json;
};

/* As ls -l has it: "drwxr-xr-x". */
static void mode_text(uint32_t mode, char ret[static 11])
{
	static const struct {
		uint32_t type;
		char letter;
	} types[] = {{S_IFDIR, 'd'}, {S_IFLNK, 'l'}, {S_IFCHR, 'c'}, {S_IFBLK, 'b'}, {S_IFIFO, 'p'},
		{S_IFSOCK, 's'}};
	static const struct {
		uint32_t bit;
		size_t at;
		char with_x, without_x;
	} special[] = {{S_ISUID, 3, 's', 'S'}, {S_ISGID, 6, 's', 'S'}, {S_ISVTX, 9, 't', 'T'}};

	memcpy(ret, "----------", 11);
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if ((mode & S_IFMT) == types[i].type)
			ret[0] = types[i].letter;
	for (size_t i = 0; i < 9; i++)
		if (mode & (0400u >> i))
			ret[1 + i] = "rwx"[i % 3];
	for (size_t i = 0; i < ARRAY_SIZE(special); i++)
		if (mode & special[i].bit)
			ret[special[i].at] = ret[special[i].at] == 'x' ? special[i].with_x
								       : special[i].without_x;
}

static const char *time_text(int64_t seconds, char ret[static 32])
{
	time_t t = (time_t)seconds;
	struct tm tm;

	if (!gmtime_r(&t, &tm) || strftime(ret, 32, "%Y-%m-%d %H:%M:%S", &tm) == 0)
		str_copy(ret, 32, "?");
	return ret;
}

static uint64_t size_of(const struct tree_node *n)
{
	return S_ISREG(n->meta.mode) && n->file ? n->file->size : 0;
}

static void add_details(struct buf *out, const struct tree_node *n)
{
	char mode[11], when[32];

	mode_text(n->meta.mode, mode);
	buf_printf(out, "%s %5u:%-5u ", mode, n->meta.uid, n->meta.gid);
	if (S_ISCHR(n->meta.mode) || S_ISBLK(n->meta.mode))
		buf_printf(out, "%4u, %4u ", n->meta.major, n->meta.minor);
	else
		buf_printf(out, "%10llu ", (unsigned long long)size_of(n));
	buf_printf(out, "%s ", time_text(n->meta.mtime, when));
}

static void add_node(const struct listing *l, const struct tree_node *n, const char *name)
{
	bool details = l->options->details;

	if (details)
		add_details(l->out, n);
	output_add_printable(l->out, name);
	if (details && n->target) {
		buf_puts(l->out, " -> ");
		output_add_printable(l->out, n->target);
	}
	buf_putc(l->out, '\n');
}

static const char *type_name(uint32_t mode)
{
	static const struct {
		uint32_t type;
		const char *name;
	} types[] = {{S_IFREG, "file"}, {S_IFDIR, "folder"}, {S_IFLNK, "symlink"},
		{S_IFCHR, "character device"}, {S_IFBLK, "block device"}, {S_IFIFO, "fifo"},
		{S_IFSOCK, "socket"}};

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if ((mode & S_IFMT) == types[i].type)
			return types[i].name;
	return "unknown";
}

static void add_node_json(const struct listing *l, const struct tree_node *n, const char *name)
{
	struct json_writer w = JSON_WRITER_SHOWN(l->out);
	char mode[8];

	str_format(mode, sizeof(mode), "%04o", n->meta.mode & 07777);
	json_open_object(&w);
	json_key_string(&w, "name", name);
	json_key_string(&w, "type", type_name(n->meta.mode));
	json_key_string(&w, "mode", mode);
	json_key_u64(&w, "uid", n->meta.uid);
	json_key_u64(&w, "gid", n->meta.gid);
	json_key_i64(&w, "mtime", n->meta.mtime);
	if (S_ISREG(n->meta.mode))
		json_key_u64(&w, "size", size_of(n));
	if (S_ISCHR(n->meta.mode) || S_ISBLK(n->meta.mode)) {
		json_key_u64(&w, "major", n->meta.major);
		json_key_u64(&w, "minor", n->meta.minor);
	}
	json_key_string_opt(&w, "target", n->target);
	json_close_object(&w);
	buf_putc(l->out, '\n');
}

static int list_node(
	const struct listing *l, const struct tree_node *n, const char *name, struct werr **err)
{
	int r = 0;

	(l->json ? add_node_json : add_node)(l, n, name);
	if (l->out->len >= SHOW_AT) {
		r = output_result(l->out, err);
		buf_truncate(l->out, 0);
	}
	return r;
}

/* Names are relative to the folder that is listed. */
static int list_folder(const struct listing *l, const struct tree_node *folder, const char *prefix,
	struct werr **err)
{
	int r = 0;

	for (uint32_t i = 0; r == 0 && i < folder->n; i++) {
		const struct tree_node *n = folder->children[i];
		CLEANUP(free) char *name = path_join(prefix, n->name);

		r = list_node(l, n, name, err);
		if (r == 0 && l->options->all_below && S_ISDIR(n->meta.mode))
			r = list_folder(l, n, name, err);
	}
	return r;
}

static int run_ls(
	struct context *ctx, const void *values, const char *const *operands, struct werr **err)
{
	const struct ls_options *o = values;
	const char *path = operands[1] ? operands[1] : "/";
	CLEANUP(store) struct store *store = NULL;
	CLEANUP(image) struct image *image = NULL;
	CLEANUP(tree) struct tree *tree = NULL;
	CLEANUP(buf) struct buf out = BUF_INIT(RESULT_MAX);
	struct listing l = {.out = &out, .options = o, .json = ctx->global.json};
	struct tree_node *n;
	int r = context_open_store(ctx, &store, err);

	if (r == 0)
		r = image_open(&o->image, store, operands[0], &image, err);
	if (r == 0)
		r = rootfs_list(store, image, &tree, err);
	if (r == 0)
		r = find(tree, image, path, &n, err);
	if (r < 0)
		return r;
	r = S_ISDIR(n->meta.mode) ? list_folder(&l, n, "", err) : list_node(&l, n, path, err);
	return r < 0 ? r : output_result(&out, err);
}

const struct command command_ls = {
	.name = "ls",
	.summary = "List the files of an image in the cache",
	.operands = "IMAGE [PATH]",
	.operands_min = 1,
	.operands_max = 2,
	.text = "The files as a container of the image would see them: all layers, merged. Symlinks "
		"in PATH are followed inside the image.",
	.options = image_option_list,
	.more_options = ls_options,
	.size = sizeof(struct ls_options),
	.run = run_ls,
};

/* ---- cat ---- */

static int write_file(const struct tree *t, const struct image *image, const char *path,
	struct writer *to, struct werr **err)
{
	CLEANUP(reader) struct reader *content = NULL;
	struct tree_node *n;
	int r = find(t, image, path, &n, err);

	if (r < 0)
		return r;
	if (!S_ISREG(n->meta.mode))
		return werr_set(err, WERR_INVALID, "%s in image %s is no file but a %s", path,
			image->name, type_name(n->meta.mode));
	content = tree_open_file(t, n);
	return io_copy(content, to, NULL, err);
}

static int run_cat(
	struct context *ctx, const void *values, const char *const *operands, struct werr **err)
{
	CLEANUP(store) struct store *store = NULL;
	CLEANUP(image) struct image *image = NULL;
	CLEANUP(tree) struct tree *tree = NULL;
	CLEANUP(writer) struct writer *to = fd_writer_new(STDOUT_FILENO, false, "stdout");
	int r = output_check_stdout(err);

	if (r == 0)
		r = context_open_store(ctx, &store, err);
	if (r == 0)
		r = image_open(values, store, operands[0], &image, err);
	if (r == 0)
		r = rootfs_load(store, image, NULL, &tree, err);
	for (const char *const *path = operands + 1; r == 0 && *path; path++)
		r = write_file(tree, image, *path, to, err);
	return r;
}

const struct command command_cat = {
	.name = "cat",
	.summary = "Write files of an image in the cache to stdout",
	.operands = "IMAGE PATH...",
	.operands_min = 2,
	.operands_max = OPERANDS_ANY,
	.text = "Symlinks are followed inside the image.\n"
		"\n"
		"    wherry cat nginx /etc/nginx/nginx.conf",
	.options = image_option_list,
	.size = sizeof(struct image_options),
	.run = run_cat,
};
