/* SPDX-License-Identifier: Apache-2.0 */
#include "output/chosen.h"

#include <stdlib.h>

#include "arch/arch.h"
#include "base/mem.h"
#include "base/str.h"
#include "output/write.h"

_Static_assert(CHOSEN_MAX *(FORMAT_ENCODINGS_MAX + ROOT_ENCODINGS_MAX) <= PIECES_ENCODINGS_MAX,
	"the encodings of all formats must fit");

bool chosen_wants(const struct chosen *c, const struct encoding *e)
{
	for (size_t i = 0; i < c->wanted.n; i++)
		if (c->wanted.encodings[i] == e)
			return true;
	return false;
}

static bool can_have_root(const struct format *f, const struct root_kind *root)
{
	return f->any_root || f->root == root || f->other_root == root;
}

const struct root_kind *chosen_root(const struct chosen *c, const struct format *f)
{
	return c->root && can_have_root(f, c->root) ? c->root : f->root;
}

static void want(struct chosen *c, const struct encoding *const *encodings, size_t n)
{
	for (size_t i = 0; i < n && encodings[i]; i++)
		if (!chosen_wants(c, encodings[i]))
			c->wanted.encodings[c->wanted.n++] = encodings[i];
}

static void want_format(struct chosen *c, const struct format *f)
{
	const struct root_kind *root = chosen_root(c, f);

	want(c, f->encodings, FORMAT_ENCODINGS_MAX);
	if (root)
		want(c, root->encodings, ROOT_ENCODINGS_MAX);
}

static int check_arch(const struct format *f, const char *arch, struct werr **err)
{
	if (format_is_for(f, arch))
		return 0;
	werr_set(err, WERR_USAGE, "format %s is for %s, not for %s", f->name, f->arch, arch);
	werr_hint(err, "build it with --arch %s", f->arch);
	return werr_code(WERR_USAGE);
}

static int choose_format(struct chosen *c, const char *name, const char *arch, struct werr **err)
{
	const struct format *f = format_find(name);
	int r;

	if (!f)
		return werr_set(err, WERR_USAGE, "unknown format '%s'", name);
	r = check_arch(f, arch, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < c->n; i++)
		if (c->formats[i] == f)
			return 0;
	if (c->n == CHOSEN_MAX)
		return werr_set(err, WERR_USAGE, "more than %d formats", CHOSEN_MAX);
	c->formats[c->n++] = f;
	want_format(c, f);
	return 0;
}

/* "tar or docker"; owned by the caller. */
static char *stream_names(void)
{
	CLEANUP(strv) struct strv names = {0};

	for (const char *const *name = format_names(); *name; name++)
		if (format_find(*name)->is_stream)
			strv_add(&names, *name);
	return strv_join(&names, " or ");
}

static int refuse_output(struct werr **err)
{
	CLEANUP(free) char *names = stream_names();

	werr_set(err, WERR_USAGE, "--output needs one format that is a single file: %s", names);
	werr_hint(err, "name several files by --dir DIR and --name NAME");
	return werr_code(WERR_USAGE);
}

/* Which formats go together, and with --output. */
static int check_formats(
	const struct chosen *c, const struct build_options *o, bool compat, struct werr **err)
{

	for (size_t i = 0; i < c->n; i++) {
		const struct format *f = c->formats[i];

		if (f->is_stream && c->n > 1 && compat)
			return werr_set(err, WERR_USAGE, "format %s cannot be combined with others",
				f->name);
		if (o->output && (!f->is_stream || c->n > 1))
			return refuse_output(err);
	}
	if (o->output && o->input_tar && str_eq(o->output, o->input_tar))
		return werr_set(
			err, WERR_USAGE, "%s cannot be both --input-tar and the output", o->output);
	if (o->name && !*o->name)
		return werr_set(err, WERR_USAGE, "--name is empty: the outputs need a name");
	if (o->output && (o->name || o->dir))
		return werr_set(err, WERR_USAGE,
			"--output has its own name and directory: it cannot be combined with "
			"--%s",
			o->name ? "name" : "dir");
	return 0;
}

/* --root is for some format. */
static int check_root(const struct chosen *c, struct werr **err)
{
	CLEANUP(strv) struct strv names = {0};
	CLEANUP(free) char *list = NULL;

	for (size_t i = 0; i < c->n; i++)
		if (!c->root || chosen_root(c, c->formats[i]) == c->root)
			return 0;
	for (const char *const *name = format_names(); *name; name++)
		if (can_have_root(format_find(*name), c->root))
			strv_add(&names, *name);
	list = strv_join(&names, ", ");
	werr_set(err, WERR_USAGE, "--root %s is for none of these formats", c->root->name);
	if (names.n)
		werr_hint(err, "formats whose root can be chosen: %s", list);
	return werr_code(WERR_USAGE);
}

/* What can be signed is in some format. */
static int check_signer(const struct chosen *c, struct werr **err)
{
	CLEANUP(strv) struct strv names = {0};
	CLEANUP(free) char *list = NULL;

	for (size_t i = 0; i < c->n; i++)
		if (format_is_signed(c->formats[i]))
			return 0;
	for (const char *const *name = format_names(); *name; name++)
		if (format_is_signed(format_find(*name)))
			strv_add(&names, *name);
	list = strv_join(&names, ", ");
	werr_set(err, WERR_USAGE, "--sign-key is for none of these formats");
	werr_hint(err, "formats that UEFI boots: %s", list);
	return werr_code(WERR_USAGE);
}

int chosen_choose(struct chosen *c, const struct build_options *o, bool compat, struct werr **err)
{
	const char *arch = o->images.platform.arch;
	int r = 0;

	if (o->root && !(c->root = root_kind_find(o->root)))
		return werr_set(err, WERR_USAGE, "unknown kind of root '%s'", o->root);
	if (o->formats.n == 0)
		r = choose_format(c, o->output ? "tar" : "kernel+initrd", arch, err);
	for (size_t i = 0; r == 0 && i < o->formats.n; i++)
		r = choose_format(c, o->formats.items[i], arch, err);
	if (r == 0)
		r = check_root(c, err);
	if (r == 0 && o->signer)
		r = check_signer(c, err);
	return r < 0 ? r : check_formats(c, o, compat, err);
}

static bool needs_kernel(const struct format *f)
{
	return format_has_kernel(f) && !f->may_lack_kernel;
}

/* Where the kernel would be said: the file as a whole, when nothing in it is about one. */
static const struct node *kernel_node(const struct config *c)
{
	if (c->kernel.node)
		return c->kernel.node;
	return c->n_documents ? c->documents[c->n_documents - 1]->root : NULL;
}

static int no_kernel(const struct format *f, const struct config *c, struct werr **err)
{
	CLEANUP(strv) struct strv names = {0};
	CLEANUP(free) char *list = NULL;

	for (const char *const *name = format_names(); *name; name++)
		if (!format_has_kernel(format_find(*name)))
			strv_add(&names, *name);
	list = strv_join(&names, ", ");
	werr_set(err, WERR_INVALID, "format %s needs a kernel, and the configuration has none",
		f->name);
	node_place(err, kernel_node(c));
	werr_hint(err, "add `kernel:`; formats that need none: %s", list);
	return werr_code(WERR_INVALID);
}

int chosen_check_kernel(const struct chosen *c, const struct config *config,
	const struct pieces *pieces, struct werr **err)
{
	const struct piece *kernel = pieces_last(pieces, &encoding_kernel);

	for (size_t i = 0; i < c->n && !(kernel && kernel->size); i++)
		if (needs_kernel(c->formats[i]))
			return no_kernel(c->formats[i], config, err);
	return 0;
}

/* Formats for both kinds of firmware are for the one that there is. */
static bool needs_loader(const struct format *f, const char *loader, const struct arch *arch)
{
	bool both = f->loaders[0] && f->loaders[1];

	return !both || !str_eq(loader, LOADER_BIOS) || (arch && arch->has_bios);
}

void build_loaders(const struct strv *formats, const char *arch_name, struct strv *ret)
{
	const struct arch *arch = arch_find(arch_name);

	for (size_t i = 0; i < formats->n; i++) {
		const struct format *f = format_find(formats->items[i]);

		if (!f || !format_is_for(f, arch_name))
			continue;
		for (size_t j = 0; j < FORMAT_LOADERS_MAX && f->loaders[j]; j++)
			if (needs_loader(f, f->loaders[j], arch) && !strv_has(ret, f->loaders[j]))
				strv_add(ret, f->loaders[j]);
	}
}
