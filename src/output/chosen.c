/* SPDX-License-Identifier: Apache-2.0 */
#include "output/chosen.h"

#include <stdlib.h>
#include <string.h>

#include "arch/arch.h"
#include "base/atomic-file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "output/write.h"

_Static_assert(CHOSEN_MAX *(FORMAT_ENCODINGS_MAX + ROOT_ENCODINGS_MAX) + 2 <= PIECES_ENCODINGS_MAX,
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
	/* An ISO 9660 is for CDs: on a disk, squashfs and erofs are better in all respects. */
	return (f->any_root && root != &root_iso) || f->root == root || f->other_root == root;
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

bool chosen_holds_others(const struct chosen *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (format_can_be_held(c->formats[i]))
			return true;
	return false;
}

static void want_format(struct chosen *c, const struct format *f)
{
	const struct root_kind *root = chosen_root(c, f);

	want(c, f->encodings, FORMAT_ENCODINGS_MAX);
	if (root && !(f->holds && chosen_holds_others(c)))
		want(c, root->encodings, ROOT_ENCODINGS_MAX);
}

/* What a format that holds files does not hold. */
static void say_left_out(const struct chosen *c, const struct format *holder)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->formats[i] != holder && !format_can_be_held(c->formats[i]))
			log_info("%s has nothing of %s, which run can't start", holder->name,
				c->formats[i]->name);
}

/* A root that the user asked for, and that this format can't have. */
static void say_other_root(const struct chosen *c, const struct format *f)
{
	if (c->root && f->root && !can_have_root(f, c->root))
		log_info("%s can't have --root %s, and keeps %s", f->name, c->root->name,
			f->root->name);
}

/* The firmware verifies what it starts, and the initrd with it, but no disk. */
static void warn_of_open_root(const struct chosen *c, const struct format *f)
{
	const struct root_kind *root = chosen_root(c, f);

	if (format_is_signed(f) && root && root->image)
		log_warning("%s: the signature does not cover the root on the disk; with "
			    "--root initrd it does",
			f->name);
}

static void say_roots(const struct chosen *c, bool is_signed)
{
	for (size_t i = 0; i < c->n; i++) {
		say_other_root(c, c->formats[i]);
		if (is_signed)
			warn_of_open_root(c, c->formats[i]);
	}
}

static void want_formats(struct chosen *c)
{
	static const struct encoding *const notes[] = {&encoding_sheet, &encoding_warnings};

	for (size_t i = 0; i < c->n; i++) {
		want_format(c, c->formats[i]);
		if (c->formats[i]->holds)
			say_left_out(c, c->formats[i]);
	}
	want(c, notes, ARRAY_SIZE(notes));
}

/* ---- what formats have ---- */

enum { LIST_COLUMNS = 60 };

typedef bool format_test(const struct format *f, const void *ctx);

/* Names of formats, for a hint; owned by the caller. */
static char *names_that(format_test *is, const void *ctx)
{
	CLEANUP(strv) struct strv names = {0};

	for (const char *const *name = format_names(); *name; name++)
		if (is(format_find(*name), ctx))
			strv_add(&names, *name);
	return strv_list(&names, LIST_COLUMNS);
}

static bool has_no_loader(const struct format *f, ATTR_UNUSED const void *ctx)
{
	return !f->loaders[0];
}

/* Formats for both kinds of firmware are for the one that there is; others are refused. */
static bool can_use_loader(const char *loader, const struct arch *arch)
{
	if (str_eq(loader, LOADER_BIOS))
		return arch && arch->has_bios;
	return !str_eq(loader, LOADER_EFI) || (arch && arch->efi.name);
}

static int check_loaders(const struct format *f, const char *arch, struct werr **err)
{
	const struct arch *a = arch_find(arch);
	CLEANUP(free) char *names = NULL;

	for (size_t i = 0; i < FORMAT_LOADERS_MAX && f->loaders[i]; i++)
		if (can_use_loader(f->loaders[i], a))
			return 0;
	if (has_no_loader(f, NULL))
		return 0;
	werr_set(err, WERR_USAGE, "format %s is for %s, which %s does not have", f->name,
		str_eq(f->loaders[0], LOADER_BIOS) ? "a BIOS" : "UEFI", arch);
	names = names_that(has_no_loader, NULL);
	if (a && a->efi.name)
		werr_hint(err, "formats for UEFI: raw-efi, qcow2-efi, iso-efi, uki");
	else
		werr_hint(err, "formats that need neither: %s", names);
	return werr_code(WERR_USAGE);
}

static int check_arch(const struct format *f, const char *arch, struct werr **err)
{
	int r = check_loaders(f, arch, err);

	if (r < 0 || format_is_for(f, arch))
		return r;
	werr_set(err, WERR_USAGE, "format %s is for %s%s%s, not for %s", f->name, f->arches[0],
		f->arches[1] ? " and " : "", f->arches[1] ? f->arches[1] : "", arch);
	werr_hint(err, "build it with --arch %s", f->arches[0]);
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
	return 0;
}

/* ---- what options are for ---- */

static bool can_be_root(const struct format *f, const void *root)
{
	return can_have_root(f, root);
}

static bool has_signature(const struct format *f, ATTR_UNUSED const void *ctx)
{
	return format_is_signed(f);
}

static bool has_size(const struct format *f, ATTR_UNUSED const void *ctx)
{
	return f->has_size;
}

static bool is_stream(const struct format *f, ATTR_UNUSED const void *ctx)
{
	return f->is_stream;
}

static bool is_one_file(const struct format *f, ATTR_UNUSED const void *ctx)
{
	return !f->files[1].suffix && !strchr(f->files[0].suffix, '/');
}

static bool has_compression(const struct format *f, ATTR_UNUSED const void *ctx)
{
	return f->files[0].disk && f->files[0].disk->has_choice;
}

static bool has_no_kernel(const struct format *f, ATTR_UNUSED const void *ctx)
{
	return !format_has_kernel(f);
}

/* An option that is for some formats, which the hint is about, is for one of these. */
static int check_option(const struct chosen *c, const char *option, format_test *is,
	const void *ctx, const char *hint, struct werr **err)
{
	CLEANUP(free) char *names = NULL;

	for (size_t i = 0; i < c->n; i++)
		if (is(c->formats[i], ctx))
			return 0;
	names = names_that(is, ctx);
	werr_set(err, WERR_USAGE, "%s is for none of these formats", option);
	werr_hint(err, "%s: %s", hint, names);
	return werr_code(WERR_USAGE);
}

/* ---- what goes together ---- */

static int check_output(const struct chosen *c, const char *output, struct werr **err)
{
	bool to_stdout = str_eq(output, "-") || file_is_stdout(output);
	format_test *is = to_stdout ? is_stream : is_one_file;
	CLEANUP(free) char *names = NULL;

	if (c->n == 1 && is(c->formats[0], NULL))
		return 0;
	names = names_that(is, NULL);
	if (c->n > 1)
		werr_set(err, WERR_USAGE, "-o %s: %zu formats can't be written to one file", output,
			c->n);
	else
		werr_set(err, WERR_USAGE, "-o %s: format %s is not a %s", output,
			c->formats[0]->name, to_stdout ? "stream" : "single file");
	if (c->n == 1 && to_stdout)
		werr_hint(err, "formats that are: %s", names);
	else
		werr_hint(err, "name several files by --dir DIR and --name NAME");
	return werr_code(WERR_USAGE);
}

static int check_names(const struct build_options *o, struct werr **err)
{
	if (o->output && o->input_tar && str_eq(o->output, o->input_tar))
		return werr_set(
			err, WERR_USAGE, "%s cannot be both --input-tar and the output", o->output);
	if (o->name && !*o->name)
		return werr_set(err, WERR_USAGE, "--name is empty: the outputs need a name");
	if (o->output && (o->name || o->dir))
		return werr_set(err, WERR_USAGE,
			"-o has its own name and directory: it cannot be combined with --%s",
			o->name ? "name" : "dir");
	return 0;
}

/* LinuxKit takes --size with every format, and its tar and docker only alone. */
static int check_formats(
	const struct chosen *c, const struct build_options *o, bool compat, struct werr **err)
{
	int r = 0;

	for (size_t i = 0; compat && c->n > 1 && i < c->n; i++)
		if (c->formats[i]->is_stream)
			return werr_set(err, WERR_USAGE, "format %s cannot be combined with others",
				c->formats[i]->name);
	if (c->root) {
		CLEANUP(free) char *option = str_printf("--root %s", c->root->name);

		r = check_option(c, option, can_be_root, c->root, "formats that can have it", err);
	}
	if (r == 0 && o->signer)
		r = check_option(
			c, "--sign-key", has_signature, NULL, "formats that UEFI boots", err);
	if (r == 0 && o->size && !compat)
		r = check_option(c, "--size", has_size, NULL, "formats of disks", err);
	if (r == 0 && o->disk_compression != DISK_PLAIN)
		r = check_option(c, "--disk-compress", has_compression, NULL,
			"formats that can be compressed", err);
	if (r == 0 && o->output)
		r = check_output(c, o->output, err);
	return r < 0 ? r : check_names(o, err);
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
		r = check_formats(c, o, compat, err);
	if (r == 0) {
		want_formats(c);
		say_roots(c, o->signer != NULL);
	}
	return r;
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
	CLEANUP(free) char *names = names_that(has_no_kernel, NULL);

	werr_set(err, WERR_INVALID, "format %s needs a kernel, and the configuration has none",
		f->name);
	node_place(err, kernel_node(c));
	werr_hint(err, "add `kernel:`; formats that need none: %s", names);
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

void build_loaders(const struct strv *formats, const char *arch_name, struct strv *ret)
{
	const struct arch *arch = arch_find(arch_name);

	for (size_t i = 0; i < formats->n; i++) {
		const struct format *f = format_find(formats->items[i]);

		if (!f || !format_is_for(f, arch_name))
			continue;
		for (size_t j = 0; j < FORMAT_LOADERS_MAX && f->loaders[j]; j++)
			if (can_use_loader(f->loaders[j], arch) && !strv_has(ret, f->loaders[j]))
				strv_add(ret, f->loaders[j]);
	}
}
