/* SPDX-License-Identifier: Apache-2.0 */
/* ls: the files of an output or an image. */
#include "base/mem.h"
#include "base/path.h"
#include "base/utc.h"
#include "cli/cli.h"
#include "cli/inside.h"
#include "cli/print.h"
#include "cli/subject.h"
#include "data/json.h"

enum { RESULT_MAX = 1 << 20, SHOW_AT = 128 << 10 };

struct options {
	struct subject_options subject;
	bool all_below, details;
};

static const struct option options[] = {
	{.name = "long",
		.letter = 'l',
		.kind = OPTION_FLAG,
		.help = "Show also the mode, owner, size and time (UTC) of each",
		.offset = offsetof(struct options, details)},
	{.name = "recursive",
		.letter = 'R',
		.kind = OPTION_FLAG,
		.help = "List also what is in the directories below",
		.offset = offsetof(struct options, all_below)},
	{0},
};

struct listing {
	struct buf *out;
	const struct options *options;
	bool json;
};

/* As in ls -l: "drwxr-xr-x". */
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
	struct tm tm;

	if (!utc_from(seconds, &tm) || strftime(ret, 32, "%Y-%m-%d %H:%M:%S", &tm) == 0)
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
	print_add_printable(l->out, name);
	if (details && n->target) {
		buf_puts(l->out, " -> ");
		print_add_printable(l->out, n->target);
	}
	buf_putc(l->out, '\n');
}

static void add_node_json(const struct listing *l, const struct tree_node *n, const char *name)
{
	struct json_writer w = JSON_WRITER_SHOWN(l->out);
	char mode[8];

	str_format(mode, sizeof(mode), "%04o", n->meta.mode & 07777);
	json_open_object(&w);
	json_key_string(&w, "name", name);
	json_key_string(&w, "type", inside_type(n->meta.mode));
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
		r = print_result(l->out, err);
		buf_truncate(l->out, 0);
	}
	return r;
}

/* Names are relative to the directory that is listed. */
static int list_dir(
	const struct listing *l, const struct tree_node *dir, const char *prefix, struct werr **err)
{
	int r = 0;

	for (uint32_t i = 0; r == 0 && i < dir->n; i++) {
		const struct tree_node *n = dir->children[i];
		CLEANUP(free) char *name = path_join(prefix, n->name);

		r = list_node(l, n, name, err);
		if (r == 0 && l->options->all_below && S_ISDIR(n->meta.mode))
			r = list_dir(l, n, name, err);
	}
	return r;
}

static int run(
	struct context *ctx, const void *values, const char *const *operands, struct werr **err)
{
	const struct options *o = values;
	const char *path = operands[1] ? operands[1] : "/";
	CLEANUP(subject) struct subject s = {0};
	CLEANUP(buf) struct buf out = BUF_INIT(RESULT_MAX);
	struct listing l = {.out = &out, .options = o, .json = ctx->global.json};
	struct tree_node *n;
	int r = subject_open(ctx, &o->subject, operands[0], &s, err);

	if (r == 0)
		r = subject_load(&s, false, err);
	if (r == 0)
		r = inside_find(s.tree, s.label, path, &n, err);
	if (r < 0)
		return r;
	r = S_ISDIR(n->meta.mode) ? list_dir(&l, n, "", err) : list_node(&l, n, path, err);
	return r < 0 ? r : print_result(&out, err);
}

const struct command command_ls = {
	.name = "ls",
	.summary = "List the files of an output or an image",
	.operands = "WHAT [PATH]",
	.operands_min = 1,
	.operands_max = 2,
	.text = "WHAT is what a build wrote, in any format (of several files the name that they "
		"have in common, as for `wherry run`), or else an image in the cache. Of an output "
		"it is the files of the OS; what the boot loader starts is in boot/. Of an image "
		"it is what a container would see: all layers, merged. Symlinks in PATH are "
		"followed inside.\n"
		"\n"
		"    wherry ls -l os.qcow2 /etc",
	.options =
		(const struct option_group[]){
			SUBJECT_OPTIONS(struct options, subject),
			{options, 0},
			{0},
		},
	.size = sizeof(struct options),
	.run = run,
};
