/* SPDX-License-Identifier: Apache-2.0 */
/* The kinds of things in outputs, and how those that hold others are opened. */
#include <string.h>

#include "arch/arch.h"
#include "base/endian.h"
#include "base/mem.h"
#include "base/str.h"
#include "boot/pe.h"
#include "codec/codec.h"
#include "contract/outputs.h"
#include "disk/disk.h"
#include "disk/fat-read.h"
#include "fs/fs-read.h"
#include "look/look-impl.h"

static bool has_magic(struct bytes *b, uint64_t at, const char *magic, size_t size)
{
	char found[16];

	return bytes_read(b, at, found, size, NULL) == 0 && memcmp(found, magic, size) == 0;
}

/* ---- programs for UEFI, and kernels ---- */

enum { PE_HEAD = 64 << 10 };

static bool read_pe(struct bytes *b, struct pe *ret)
{
	CLEANUP(free) char *head = mem_alloc(PE_HEAD);
	size_t got;

	return has_magic(b, 0, "MZ", 2) && bytes_read_some(b, 0, head, PE_HEAD, &got, NULL) == 0 &&
	       pe_parse(head, got, ret, NULL) == 0;
}

static bool is_uki(struct bytes *b)
{
	struct pe pe;

	return read_pe(b, &pe) && pe_find(&pe, ".linux");
}

static bool is_kernel(struct bytes *b)
{
	for (const struct arch *a = arch_table; a->name; a++)
		if (a->kernel.magic_size &&
			has_magic(b, a->kernel.offset, a->kernel.magic, a->kernel.magic_size))
			return true;
	return false;
}

static int open_uki(struct look *l, struct look_thing *t, struct werr **err)
{
	static const struct {
		const char *section, *boot_name;
		const struct look_kind *kind;
	} known[] = {
		{".linux", "kernel", &look_kind_kernel},
		{".initrd", "initrd.img", &look_kind_initrd},
		{".cmdline", "cmdline", &look_kind_cmdline},
		{".ucode", "ucode.cpio", &look_kind_file},
		{".osrel", "os-release", &look_kind_file},
		{".uname", "uname", &look_kind_file},
	};
	struct pe pe;
	int r = 0;

	if (!read_pe(t->bytes, &pe))
		return werr_set(err, WERR_CORRUPT, "the unified kernel image is broken");
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(known); i++) {
		const struct pe_section *s = pe_find(&pe, known[i].section);
		struct bytes_run run;

		if (!s)
			continue;
		run = (struct bytes_run){s->at, s->size && s->size < s->raw ? s->size : s->raw};
		if (run.at > t->bytes->size || run.size > t->bytes->size - run.at)
			return werr_set(err, WERR_CORRUPT,
				"the section %s of the unified kernel image is cut short", s->name);
		r = look_add(l,
			&(struct look_name){
				known[i].section, known[i].boot_name, t->item.depth + 1},
			known[i].kind, bytes_of_runs(t->bytes, &run, 1), err);
	}
	return r;
}

/* ---- file systems ---- */

struct opening {
	struct look *l;
	struct look_thing *thing;
	bool has_root; /* it has files besides those of boot/ */
	struct fill *boot;
	struct tree *tree; /* of boot/ */
};

static int visit_fat(const struct fat_found *f, void *ctx, struct werr **err)
{
	struct opening *o = ctx;
	const char *slash = strrchr(f->path, '/'), *name = slash ? slash + 1 : f->path;
	const struct bytes_run cut = {0, f->size};
	struct bytes *all;

	if (f->is_directory)
		return 0;
	/* The last cluster is not all the file's. */
	all = bytes_of_runs(o->thing->bytes, f->runs, f->n);
	if (all->size > cut.size)
		all->size = cut.size;
	return look_add(o->l, &(struct look_name){f->path, NULL, o->thing->item.depth + 1},
		str_eq(name, "kernel") ? &look_kind_kernel : NULL, all, err);
}

static int open_fat(struct look *l, struct look_thing *t, struct werr **err)
{
	struct opening o = {.l = l, .thing = t};

	return fat_read(t->bytes, visit_fat, &o, err);
}

static bool is_boot_path(const char *path)
{
	return str_eq(path, "boot") || str_after(path, "boot/");
}

static int visit_iso(
	const struct fill_entry *e, struct reader *content, void *ctx, struct werr **err)
{
	struct opening *o = ctx;

	if (!is_boot_path(e->path)) {
		o->has_root |= !str_eq(e->path, ".") && *e->path;
		return 0;
	}
	return fill_add(e, content, o->boot, err);
}

static int add_boot_file(struct tree_node *n, const char *path, void *ctx, struct werr **err)
{
	struct opening *o = ctx;
	CLEANUP(free) char *name = NULL;

	if (!S_ISREG(n->meta.mode) || !n->file)
		return 0;
	name = str_printf("boot/%s", path);
	return look_add(o->l, &(struct look_name){name, path, o->thing->item.depth + 1},
		str_eq(path, "kernel") ? &look_kind_kernel : NULL, look_file_bytes(o->tree, n),
		err);
}

/* What boots a CD is in boot/; the rest, if there is any, is the OS. */
static int open_iso(struct look *l, struct look_thing *t, struct werr **err)
{
	struct opening o = {.l = l, .thing = t};
	CLEANUP(fill) struct fill *fill = NULL;
	struct tree *tree = NULL;
	struct tree_node *boot;
	int r = look_new_tree(l, true, &tree, err);

	if (r < 0)
		return r;
	o.tree = tree;
	fill = o.boot = fill_new(tree, true);
	r = fs_read_iso(t->bytes, visit_iso, &o, err);
	if (!o.has_root)
		t->role = LOOK_HOLDS;
	boot = r == 0 ? tree_find(tree, "boot") : NULL;
	return boot ? tree_walk_from(boot, add_boot_file, &o, err) : r;
}

static bool is_squashfs(struct bytes *b)
{
	return has_magic(b, 0, "hsqs", 4);
}

static bool is_erofs(struct bytes *b)
{
	return has_magic(b, 1024, "\xe2\xe1\xf5\xe0", 4);
}

static bool is_iso(struct bytes *b)
{
	return has_magic(b, 32769, "CD001", 5);
}

static bool is_initrd(struct bytes *b)
{
	char head[CODEC_HEAD];

	return has_magic(b, 0, "070701", 6) || has_magic(b, 0, "070702", 6) ||
	       (bytes_read(b, 0, head, sizeof(head), NULL) == 0 &&
		       codec_detect(head, sizeof(head)));
}

const struct look_kind look_kind_kernel = {"kernel", LOOK_BOOT, is_kernel, NULL, NULL};
const struct look_kind look_kind_cmdline = {"kernel command line", LOOK_BOOT, NULL, NULL, NULL};
const struct look_kind look_kind_file = {"file", LOOK_BOOT, NULL, NULL, NULL};
const struct look_kind look_kind_initrd = {"initrd", LOOK_INITRD, is_initrd, NULL, NULL};
const struct look_kind look_kind_tar = {"tar", LOOK_ROOT, look_is_tar, look_open_tar, NULL};
static const struct look_kind uki = {"unified kernel image", LOOK_HOLDS, is_uki, open_uki, NULL};
static const struct look_kind fat = {"FAT", LOOK_HOLDS, fat_is, open_fat, NULL};
const struct look_kind look_kind_iso = {"ISO 9660", LOOK_ROOT, is_iso, open_iso, fs_read_iso};
static const struct look_kind squashfs = {
	"squashfs", LOOK_ROOT, is_squashfs, NULL, fs_read_squashfs};
static const struct look_kind erofs = {"EROFS", LOOK_ROOT, is_erofs, NULL, fs_read_erofs};
static const struct look_kind disk = {
	"image of a disk", LOOK_HOLDS, look_is_disk, look_open_disk, NULL};
const struct look_kind look_kind_partitions = {
	"disk with partitions", LOOK_HOLDS, NULL, look_open_disk, NULL};

/* A CD can be a disk as well, and a compressed tar looks like an initrd. */
static const struct look_kind *const kinds[] = {&look_kind_iso, &squashfs, &erofs, &uki,
	&look_kind_kernel, &disk, &fat, &look_kind_tar, &look_kind_initrd, NULL};

const struct look_kind *look_detect(struct bytes *b)
{
	for (size_t i = 0; kinds[i]; i++)
		if (kinds[i]->is(b))
			return kinds[i];
	return NULL;
}

const struct look_kind *look_kind_by_name(const char *name)
{
	static const struct {
		const char *name;
		const struct look_kind *kind;
	} names[] = {
		{"kernel", &look_kind_kernel},
		{"kernel8.img", &look_kind_kernel},
		{FIRECRACKER_KERNEL, &look_kind_kernel},
		{"initrd.img", &look_kind_initrd},
		{"cmdline", &look_kind_cmdline},
		{"cmdline.txt", &look_kind_cmdline},
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (str_eq(names[i].name, name))
			return names[i].kind;
	return NULL;
}
