/* SPDX-License-Identifier: Apache-2.0 */
/* diff: what differs between two outputs, images or YAML files. */
#include "base/mem.h"
#include "cli/cli.h"
#include "cli/differences.h"
#include "cli/inside.h"
#include "cli/print.h"
#include "data/json.h"

enum { RESULT_MAX = 256 << 20, PERMISSIONS = 07777 };

struct options {
	struct subject_options subject;
};

static uint64_t size_of(const struct tree_node *n)
{
	return S_ISREG(n->meta.mode) && n->file ? n->file->size : 0;
}

/* ---- text ---- */

static const struct tree_xattr *find_xattr(const struct tree_meta *m, const char *name)
{
	for (uint32_t i = 0; i < m->n_xattrs; i++)
		if (str_eq(m->xattrs[i].name, name))
			return &m->xattrs[i];
	return NULL;
}

/* Those of a that b has not, or has with another value. */
static void add_lost(struct buf *out, const struct tree_meta *a, const struct tree_meta *b,
	const char *how, bool also_changed)
{
	for (uint32_t i = 0; i < a->n_xattrs; i++) {
		const struct tree_xattr *x = &a->xattrs[i], *y = find_xattr(b, x->name);
		bool changed = y && (y->size != x->size ||
					    (x->size && memcmp(x->value, y->value, x->size) != 0));

		if (y && !(changed && also_changed))
			continue;
		buf_printf(out, ", xattr %s", y ? "~" : how);
		print_add_printable(out, x->name);
	}
}

static void add_xattrs(struct buf *out, const struct tree_meta *a, const struct tree_meta *b)
{
	add_lost(out, a, b, "-", true);
	add_lost(out, b, a, "+", false);
}

static void add_facts(struct buf *out, const struct difference *d)
{
	const struct tree_meta *a = &d->a->meta, *b = &d->b->meta;
	char from[32], to[32];

	if (d->what & DIFFERS_TYPE)
		buf_printf(out, ", %s -> %s", inside_type(a->mode), inside_type(b->mode));
	if (d->what & DIFFERS_MODE)
		buf_printf(
			out, ", mode %04o -> %04o", a->mode & PERMISSIONS, b->mode & PERMISSIONS);
	if (d->what & DIFFERS_OWNER)
		buf_printf(out, ", owner %u:%u -> %u:%u", a->uid, a->gid, b->uid, b->gid);
	if (d->what & DIFFERS_SIZE)
		buf_printf(out, ", size %s -> %s", str_exact_size(from, size_of(d->a)),
			str_exact_size(to, size_of(d->b)));
	if (d->what & DIFFERS_CONTENT)
		buf_puts(out, ", content");
	if (d->what & DIFFERS_XATTRS)
		add_xattrs(out, a, b);
	if (d->what & DIFFERS_DEVICE)
		buf_printf(out, ", device %u:%u -> %u:%u", a->major, a->minor, b->major, b->minor);
	if (d->what & DIFFERS_TARGET) {
		buf_puts(out, ", target ");
		print_add_printable(out, d->a->target);
		buf_puts(out, " -> ");
		print_add_printable(out, d->b->target);
	}
}

static void add_file(struct buf *out, const struct difference *d)
{
	const struct tree_node *n = d->a ? d->a : d->b;
	char size[16];

	buf_puts(out, d->a && d->b ? "~ " : d->a ? "- " : "+ ");
	print_add_printable(out, d->path);
	if (d->a && d->b)
		add_facts(out, d);
	else if (S_ISREG(n->meta.mode))
		buf_printf(out, ", %s", str_size(size, size_of(n)));
	else
		buf_printf(out, ", %s", inside_type(n->meta.mode));
	buf_putc(out, '\n');
}

static void add_lines(struct buf *out, char sign, const char *what, const struct strv *lines)
{
	for (size_t i = 0; i < lines->n; i++) {
		buf_printf(out, "%c %s", sign, what);
		print_add_printable(out, lines->items[i]);
		buf_putc(out, '\n');
	}
}

static void add_text(struct buf *out, const struct differences *d)
{
	char from[32], to[32];

	for (size_t i = 0; i < d->n; i++)
		add_file(out, &d->items[i]);
	add_lines(out, '-', "package ", &d->packages_a);
	add_lines(out, '+', "package ", &d->packages_b);
	add_lines(out, '-', "", &d->config_a);
	add_lines(out, '+', "", &d->config_b);
	if (differences_any(d))
		buf_printf(out, "size of all files: %s -> %s\n", str_size(from, d->size_a),
			str_size(to, d->size_b));
}

/* ---- JSON ---- */

static void add_node(struct json_writer *w, const char *key, const struct tree_node *n)
{
	char mode[8];

	if (!n)
		return;
	str_format(mode, sizeof(mode), "%04o", n->meta.mode & PERMISSIONS);
	json_key(w, key);
	json_open_object(w);
	json_key_string(w, "type", inside_type(n->meta.mode));
	json_key_string(w, "mode", mode);
	json_key_u64(w, "uid", n->meta.uid);
	json_key_u64(w, "gid", n->meta.gid);
	if (S_ISREG(n->meta.mode))
		json_key_u64(w, "size", size_of(n));
	json_key_string_opt(w, "target", n->target);
	json_close_object(w);
}

static void add_what(struct json_writer *w, unsigned what)
{
	static const struct {
		unsigned bit;
		const char *name;
	} names[] = {{DIFFERS_TYPE, "type"}, {DIFFERS_MODE, "mode"}, {DIFFERS_OWNER, "owner"},
		{DIFFERS_SIZE, "size"}, {DIFFERS_CONTENT, "content"}, {DIFFERS_TARGET, "target"},
		{DIFFERS_DEVICE, "device"}, {DIFFERS_XATTRS, "xattrs"}};

	json_key(w, "differs");
	json_open_array(w);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (what & names[i].bit)
			json_string(w, names[i].name);
	json_close_array(w);
}

static void add_change(struct json_writer *w, const char *key, const struct strv *removed,
	const struct strv *added)
{
	json_key(w, key);
	json_open_object(w);
	json_key_strings(w, "removed", removed);
	json_key_strings(w, "added", added);
	json_close_object(w);
}

static void add_json(struct buf *out, const struct differences *d)
{
	struct json_writer w = JSON_WRITER_SHOWN(out);

	json_open_object(&w);
	json_key_bool(&w, "differ", differences_any(d));
	json_key(&w, "files");
	json_open_array(&w);
	for (size_t i = 0; i < d->n; i++) {
		const struct difference *item = &d->items[i];

		json_open_object(&w);
		json_key_string(&w, "path", item->path);
		json_key_string(&w, "change",
			!item->a   ? "added"
			: !item->b ? "removed"
				   : "changed");
		add_node(&w, "from", item->a);
		add_node(&w, "to", item->b);
		if (item->what)
			add_what(&w, item->what);
		json_close_object(&w);
	}
	json_close_array(&w);
	add_change(&w, "packages", &d->packages_a, &d->packages_b);
	add_change(&w, "configuration", &d->config_a, &d->config_b);
	json_key_u64(&w, "sizeFrom", d->size_a);
	json_key_u64(&w, "sizeTo", d->size_b);
	json_close_object(&w);
	buf_putc(out, '\n');
}

static int run(
	struct context *ctx, const void *values, const char *const *operands, struct werr **err)
{
	const struct options *o = values;
	CLEANUP(subject) struct subject a = {0};
	CLEANUP(subject) struct subject b = {0};
	CLEANUP(differences) struct differences d = {0};
	CLEANUP(buf) struct buf out = BUF_INIT(RESULT_MAX);
	int r = subject_open(ctx, &o->subject, operands[0], &a, err);

	if (r == 0)
		r = subject_open(ctx, &o->subject, operands[1], &b, err);
	if (r == 0)
		r = differences_find(&a, &b, &d, err);
	if (r < 0)
		return r;
	(ctx->global.json ? add_json : add_text)(&out, &d);
	r = print_result(&out, err);
	return r == 0 && differences_any(&d) ? COMMAND_DIFFERS : r;
}

const struct command command_diff = {
	.name = "diff",
	.summary = "Show what differs between two outputs, images or YAML files",
	.operands = "WHAT WHAT",
	.operands_min = 2,
	.operands_max = 2,
	.text = "WHAT is as for `wherry ls`, also of two kinds: of a YAML file, what a build of it "
		"would have in it. Files, their modes, owners, extended attributes and "
		"contents, but not their times; "
		"of images and YAML files also packages and configurations. The exit code is 1 "
		"when something differs.\n"
		"\n"
		"    wherry diff os-yesterday.img os.yml",
	.options =
		(const struct option_group[]){
			SUBJECT_OPTIONS(struct options, subject),
			{0},
		},
	.size = sizeof(struct options),
	.run = run,
};
