/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Disks that boot: a GPT with a FAT for what the firmware or GRUB reads, and a partition of the
 * root, unless that is in the initrd.
 */
#include <inttypes.h>
#include <string.h>

#include "arch/arch.h"
#include "base/mem.h"
#include "disk/fat.h"
#include "disk/gpt.h"
#include "boot/grub-config.h"
#include "boot/grub.h"
#include "output/identity.h"
#include "output/layout-grub.h"
#include "output/write.h"

enum { PARTITIONS_MAX = 3, FAT_FILES = 4, PATH = 64 };

/* Which firmware starts it; either or both. */
struct disk_boot {
	bool efi, bios;
};

/* What is on the disk, in its order. */
struct disk_parts {
	const struct output_job *job;
	const struct disk_boot *boot;
	struct identity identity;
	char root_option[sizeof("PARTUUID=") + GUID_TEXT]; /* or "" */
	struct gpt_partition partitions[PARTITIONS_MAX];
	struct extents contents[PARTITIONS_MAX];
	size_t n;
	/* The FAT, which is partition `boot_at`. */
	size_t boot_at;
	struct fat fat;
	struct fat_file files[FAT_FILES];
	char efi_path[PATH];
	struct uki_places uki; /* in the first file */
	struct output_grub grub;
};

static void disk_parts_cleanup(struct disk_parts *d)
{
	for (size_t i = 0; i < PARTITIONS_MAX; i++)
		extents_cleanup(&d->contents[i]);
	for (size_t i = 0; i < FAT_FILES; i++)
		extents_cleanup(&d->files[i].content);
}

/* Its id is derived from this name, too. */
static struct gpt_partition *add_partition(
	struct disk_parts *d, const struct guid *type, const char *id, const char *name)
{
	struct gpt_partition *p = &d->partitions[d->n++];

	p->type = *type;
	p->name = name;
	identity_guid(&d->identity, id, &p->id);
	return p;
}

/* The kernel finds it by its id, which is known before anything else is. */
static void find_root(struct disk_parts *d)
{
	char text[GUID_TEXT];
	struct guid id;

	if (!d->job->root->image)
		return;
	identity_guid(&d->identity, "root", &id);
	guid_text(&id, text);
	str_format(d->root_option, sizeof(d->root_option), "PARTUUID=%s", text);
}

/* ---- the FAT ---- */

/* The next file; the path must outlive d. */
static struct extents *add_file(struct disk_parts *d, const char *path)
{
	struct fat_file *file = &d->files[d->fat.n++];

	file->path = path;
	return &file->content;
}

static const char *root_of(const struct disk_parts *d)
{
	return *d->root_option ? d->root_option : NULL;
}

static int add_uki(struct disk_parts *d, struct werr **err)
{
	const struct arch *arch = arch_find(d->job->plan->images_from.platform.arch);
	struct extents uki = {0};
	int r = output_layout_uki(d->job, root_of(d), &uki, &d->uki, err);

	if (r < 0)
		return r;
	/* It has been found, as there is a stub for it. */
	str_format(d->efi_path, sizeof(d->efi_path), "EFI/BOOT/%s", arch->efi.boot_file);
	*add_file(d, d->efi_path) = uki;
	return 0;
}

/* GRUB reads either from it; one without the other would not boot. */
static int add_kernel(struct disk_parts *d, struct werr **err)
{
	struct extents *kernel = add_file(d, "kernel"), *initrd = add_file(d, "initrd.img");
	int r = output_layout_kernel(d->job, kernel, err);

	return r < 0 ? r : output_layout_initrd(d->job, initrd, err);
}

/* The files' places in their FAT. */
static int find_places(struct disk_parts *d, struct werr **err)
{
	char kernel[GRUB_BLOCKS], initrd[GRUB_BLOCKS];
	uint64_t uki = d->files[0].at;

	if (!d->boot->bios)
		return 0;
	if (!d->boot->efi)
		return output_grub_set_config(
			d->job, root_of(d), "/kernel", "/initrd.img", &d->grub, err);
	/* GRUB takes both out of what UEFI starts: they are not on the disk a second time. */
	grub_blocks(kernel, uki + d->uki.kernel.at, d->uki.kernel.size);
	grub_blocks(initrd, uki + d->uki.initrd.at, d->uki.initrd.size);
	return output_grub_set_config(d->job, root_of(d), kernel, initrd, &d->grub, err);
}

static int add_files(struct disk_parts *d, struct werr **err)
{
	int r = d->boot->efi ? add_uki(d, err) : add_kernel(d, err);

	if (r == 0 && d->boot->bios)
		r = output_grub_add_config(
			d->job, root_of(d), add_file(d, "grub.cfg"), &d->grub, err);
	return r;
}

static int place_fat(struct disk_parts *d, struct werr **err)
{
	struct gpt_partition *p;
	int r;

	d->fat.files = d->files;
	d->fat.label = "BOOT";
	d->fat.serial = identity_number(&d->identity, "esp");
	d->fat.time = BUILD_TIME;
	r = add_files(d, err);
	if (r == 0)
		r = fat_place(&d->fat, err);
	if (r == 0)
		r = find_places(d, err);
	if (r < 0)
		return r;
	d->boot_at = d->n;
	p = d->boot->efi ? add_partition(d, &gpt_type_esp, "esp", "EFI system")
			 : add_partition(d, &gpt_type_data, "boot", "boot");
	p->size = d->fat.size;
	return 0;
}

/* Of a root of this architecture; any file system of Linux where there is none. */
static struct guid root_type(const char *name)
{
	const struct arch *arch = arch_find(name);
	struct guid type = {0};

	_Static_assert(sizeof(type.bytes) == sizeof(arch->root_type), "both are GUIDs");
	if (arch)
		memcpy(type.bytes, arch->root_type, sizeof(type.bytes));
	return guid_is_zero(&type) ? gpt_type_linux : type;
}

/* The core reads the partition behind its own. */
static int add_grub(struct disk_parts *d, struct werr **err)
{
	struct extents *core = &d->contents[d->n];
	int r = output_grub_read(d->job, core, &d->grub, err);

	if (r == 0)
		add_partition(d, &gpt_type_bios_boot, "bios", "GRUB")->size = core->size;
	return r;
}

static int add_root(struct disk_parts *d, struct werr **err)
{
	const struct guid type = root_type(d->job->plan->images_from.platform.arch);
	struct extents *root = &d->contents[d->n];
	struct gpt_partition *p;
	int r = output_layout_root(d->job, root, err);

	if (r < 0)
		return r;
	p = add_partition(d, &type, "root", "root");
	p->attributes = GPT_READ_ONLY;
	root->size = p->size = (root->size + DISK_SECTOR - 1) / DISK_SECTOR * DISK_SECTOR;
	return 0;
}

/* ---- the disk ---- */

/* In whole units of the format of the disk: the second table is at its very end. */
static int choose_size(const struct disk_parts *d, uint64_t least, uint64_t *ret, struct werr **err)
{
	const struct output_job *job = d->job;
	uint64_t unit = job->file->disk->unit, size = job->size;
	char text[32];

	if (size && size < least) {
		werr_set(err, WERR_LIMIT, "a disk of %s is too small for %s%s",
			str_exact_size(text, size), job->name, job->file->suffix);
		werr_hint(err, "it needs --size %" PRIu64 "M, or more",
			(least + (1 << 20) - 1) >> 20);
		return werr_code(WERR_LIMIT);
	}
	if (!size)
		size = job->usual_size > least ? job->usual_size : least;
	if (size > (uint64_t)INT64_MAX - unit)
		return werr_set(
			err, WERR_LIMIT, "a file can't have %s", str_exact_size(text, size));
	*ret = (size + unit - 1) / unit * unit;
	return 0;
}

static int install_grub(struct disk_parts *d, struct gpt *gpt, struct werr **err)
{
	struct output_grub *g = &d->grub;

	gpt->boot_code = g->boot;
	gpt->boot_code_size = g->boot_size;
	/* There are BIOSes that want it, and UEFI firmware that does not. */
	gpt->is_active = !d->boot->efi;
	return grub_install(g->boot, g->boot_size, g->core, g->core_size, d->partitions[0].at, err);
}

static int put_parts(struct disk_parts *d, struct extents *disk, struct werr **err)
{
	struct gpt gpt = {.partitions = d->partitions, .n = d->n};
	int r;

	identity_guid(&d->identity, "disk", &gpt.id);
	r = d->boot->bios ? install_grub(d, &gpt, err) : 0;
	if (r == 0)
		r = gpt_put(&gpt, disk, err);
	d->fat.hidden = d->partitions[d->boot_at].at;
	if (r == 0)
		r = fat_put(&d->fat, &d->contents[d->boot_at], err);
	for (size_t i = 0; r == 0 && i < d->n; i++)
		r = extents_move(disk, d->partitions[i].at, &d->contents[i], err);
	return r;
}

static int layout(const struct output_job *job, const struct disk_boot *boot, struct extents *ret,
	struct werr **err)
{
	CLEANUP(disk_parts) struct disk_parts d = {.job = job, .boot = boot};
	CLEANUP(extents) struct extents disk = {0};
	uint64_t least;
	int r = output_identity(job, &d.identity, err);

	find_root(&d);
	if (r == 0 && boot->bios)
		r = add_grub(&d, err);
	if (r == 0)
		r = place_fat(&d, err);
	if (r == 0 && *d.root_option)
		r = add_root(&d, err);
	if (r == 0)
		r = gpt_place(d.partitions, d.n, &least, err);
	if (r == 0)
		r = choose_size(&d, least, &disk.size, err);
	if (r == 0)
		r = put_parts(&d, &disk, err);
	if (r < 0)
		return r;
	*ret = disk;
	disk = (struct extents){0};
	return 0;
}

int output_layout_disk_efi(const struct output_job *job, struct extents *ret, struct werr **err)
{
	return layout(job, &(struct disk_boot){.efi = true}, ret, err);
}

int output_layout_disk_bios(const struct output_job *job, struct extents *ret, struct werr **err)
{
	return layout(job, &(struct disk_boot){.bios = true}, ret, err);
}

/* Of both, what the architecture has. */
int output_layout_disk(const struct output_job *job, struct extents *ret, struct werr **err)
{
	const struct disk_boot boot = {.efi = true, .bios = output_has_bios(job)};

	return layout(job, &boot, ret, err);
}
