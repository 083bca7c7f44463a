/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CDs that boot, whose images boot from a disk as well: an ISO 9660 that has the OS or is empty,
 * with /boot behind it, in the tables of a disk.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "arch/arch.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"
#include "boot/grub-config.h"
#include "boot/grub.h"
#include "disk/fat.h"
#include "disk/gpt.h"
#include "disk/iso-boot.h"
#include "output/identity.h"
#include "output/layout-grub.h"
#include "output/write.h"

enum { FILES_MAX = 5 };

struct cd {
	const struct output_job *job;
	struct identity identity;
	char volume[ISO_VOLUME_MAX + 1];
	char *root; /* what is mounted as the root; NULL: the OS is in the initrd */
	struct iso_image image;
	struct iso_boot_file files[FILES_MAX];
	size_t n;
	/* Of UEFI's file. */
	struct fat fat;
	struct fat_file program;
	struct uki_places places;
	/* What has to be told where the others are; in memory of the files. */
	unsigned char *grub, *config;
	size_t grub_size, config_size;
	unsigned char *boot_code;
	size_t boot_code_size;
};

static void cd_cleanup(struct cd *cd)
{
	free(cd->root);
	iso_image_cleanup(&cd->image);
	for (size_t i = 0; i < cd->n; i++)
		extents_cleanup(&cd->files[i].content);
	extents_cleanup(&cd->program.content);
}

static struct iso_boot_file *add_file(struct cd *cd, const char *name, enum iso_boot_use use)
{
	struct iso_boot_file *f = &cd->files[cd->n++];

	f->name = name;
	f->use = use;
	return f;
}

static const struct iso_boot_file *find_file(const struct cd *cd, const char *name)
{
	for (size_t i = 0; i < cd->n; i++)
		if (str_eq(cd->files[i].name, name))
			return &cd->files[i];
	return NULL;
}

/* ---- the ISO 9660 ---- */

static int open_root(struct cd *cd, struct werr **err)
{
	const struct root_kind *root = cd->job->root;
	const struct piece *piece = root->image ? pieces_last(cd->job->pieces, root->image) : NULL;
	static const struct iso_meta meta = {.mode = S_IFDIR | 0755, .time = BUILD_TIME};
	CLEANUP(iso_node) struct iso_node *empty = iso_node_new_root(&meta);
	const struct iso_options options = {cd->volume, BUILD_TIME, true};
	int r;

	if (!piece)
		return iso_layout(empty, &options, &cd->image, err);
	r = iso_image_open(&(struct io_range){piece->fd, 0, piece->size}, &cd->image, err);
	if (r == 0)
		iso_image_set_volume(&cd->image, cd->volume);
	return r;
}

/*
 * PID 1 finds the root by the volume's name, on a CD as on a disk. A kernel without an initrd
 * can't; it gets what LinuxKit tells it, which is right for the first CD.
 */
static int name_root(struct cd *cd, struct werr **err)
{
	CLEANUP(extents) struct extents initrd = {0};
	bool is_arm = str_eq(cd->job->plan->images_from.platform.arch, "arm64");
	int r = output_layout_initrd(cd->job, &initrd, err);

	if (r == 0 && cd->job->root->image)
		cd->root = initrd.size ? str_printf("LABEL=%s", cd->volume)
				       : str_dup(is_arm ? "/dev/vda" : "/dev/sr0");
	return r;
}

static int begin(struct cd *cd, const struct output_job *job, struct werr **err)
{
	int r;

	cd->job = job;
	r = output_identity(job, &cd->identity, err);
	if (r < 0)
		return r;
	str_format(cd->volume, sizeof(cd->volume), "WHERRY_%08X",
		identity_number(&cd->identity, "volume"));
	r = open_root(cd, err);
	return r < 0 ? r : name_root(cd, err);
}

/* ---- UEFI ---- */

/* A FAT with the UKI, as a file of the CD: firmware finds no FAT behind an ISO 9660. */
static int add_efi(struct cd *cd, struct werr **err)
{
	const struct arch *arch = arch_find(cd->job->plan->images_from.platform.arch);
	int r = output_layout_uki(cd->job, cd->root, &cd->program.content, &cd->places, err);
	CLEANUP(free) char *path = NULL;

	if (r < 0)
		return r;
	path = str_printf("EFI/BOOT/%s", arch->efi.boot_file);
	cd->program.path = path;
	cd->fat = (struct fat){
		.files = &cd->program,
		.n = 1,
		.label = "BOOT",
		.serial = identity_number(&cd->identity, "esp"),
		.time = BUILD_TIME,
		.has_no_free_room = true,
	};
	r = fat_place(&cd->fat, err);
	if (r == 0)
		r = fat_put(&cd->fat, &add_file(cd, "efi.img", ISO_BOOT_EFI)->content, err);
	return r;
}

/* ---- a BIOS ---- */

/* As files of the CD; without an initrd that has no bytes. */
static int add_kernel(struct cd *cd, struct werr **err)
{
	struct extents *kernel = &add_file(cd, "kernel", ISO_BOOT_PLAIN)->content;
	struct extents *initrd = &add_file(cd, "initrd.img", ISO_BOOT_PLAIN)->content;
	int r = output_layout_kernel(cd->job, kernel, err);

	if (r == 0)
		r = output_layout_initrd(cd->job, initrd, err);
	if (r == 0 && initrd->size == 0)
		cd->n--;
	return r;
}

static int add_grub(struct cd *cd, struct werr **err)
{
	struct extents *content = &add_file(cd, "eltorito.img", ISO_BOOT_BIOS)->content;
	int r = loader_read(cd->job->loaders, LOADER_BIOS, "grub/eltorito.img", content, &cd->grub,
		&cd->grub_size, err);

	if (r == 0)
		r = loader_read(cd->job->loaders, LOADER_BIOS, "grub/boot_hybrid.img",
			&cd->image.extents, &cd->boot_code, &cd->boot_code_size, err);
	if (r < 0)
		return r;
	content->size = cd->grub_size;
	return extents_add_bytes(content, 0, cd->grub, cd->grub_size, err);
}

static int make_config(const struct cd *cd, const char *kernel, const char *initrd, struct buf *to,
	struct werr **err)
{
	CLEANUP(free) char *cmdline = NULL;
	int r = output_cmdline(cd->job, cd->root, &cmdline, err);

	if (r < 0)
		return r;
	return grub_config_add(
		to, &(struct grub_config){kernel, *initrd ? initrd : NULL, cmdline}, err);
}

/* Room for what GRUB is told, with the longest places that there can be. */
static int add_config(struct cd *cd, const char *kernel, const char *initrd, struct werr **err)
{
	CLEANUP(buf) struct buf text = BUF_INIT(GRUB_CONFIG_MAX);
	struct iso_boot_file *f = add_file(cd, "grub.cfg", ISO_BOOT_PLAIN);
	int r = make_config(cd, kernel, initrd, &text, err);

	if (r < 0)
		return r;
	f->in_grub = true;
	cd->config = extents_alloc(&f->content, text.len);
	cd->config_size = f->content.size = text.len;
	return extents_add_bytes(&f->content, 0, cd->config, cd->config_size, err);
}

/* What is shorter than its room is followed by empty lines. */
static int put_config(struct cd *cd, const char *kernel, const char *initrd, struct werr **err)
{
	CLEANUP(buf) struct buf text = BUF_INIT(GRUB_CONFIG_MAX);
	int r = make_config(cd, kernel, initrd, &text, err);

	if (r < 0)
		return r;
	if (text.len > cd->config_size)
		return werr_set(err, WERR_LIMIT, "a long configuration of GRUB");
	memset(cd->config, '\n', cd->config_size);
	memcpy(cd->config, buf_str(&text), text.len);
	return 0;
}

/* Sectors of the CD's image, in GRUB's words: "2048+27716". */
static char *blocks_of(const struct cd *cd, const struct uki_place *place)
{
	uint64_t at = (uint64_t)find_file(cd, "efi.img")->sector * ISO_SECTOR + cd->program.at +
		      place->at;

	return place->size ? str_printf("%" PRIu64 "+%" PRIu64, at / DISK_SECTOR,
				     (place->size + DISK_SECTOR - 1) / DISK_SECTOR)
			   : str_dup("");
}

/* ---- the whole ---- */

static int put_tables(struct cd *cd, struct werr **err)
{
	const struct iso_boot_file *efi = find_file(cd, "efi.img");
	struct extents *disk = &cd->image.extents;
	struct gpt_partition esp = {.type = gpt_type_esp, .name = "EFI"};
	struct gpt gpt = {
		.partitions = &esp,
		.n = efi ? 1 : 0,
		.boot_code = cd->boot_code,
		.boot_code_size = cd->boot_code_size,
		.is_active = cd->boot_code,
	};
	uint64_t tail = (uint64_t)GPT_TAIL * DISK_SECTOR;

	disk->size = (disk->size + tail + ISO_SECTOR - 1) / ISO_SECTOR * ISO_SECTOR;
	identity_guid(&cd->identity, "disk", &gpt.id);
	identity_guid(&cd->identity, "esp", &esp.id);
	if (efi) {
		esp.at = (uint64_t)efi->sector * ISO_SECTOR;
		esp.size = cd->fat.size;
	}
	return gpt_put(&gpt, disk, err);
}

/* Everything has its place now. */
static int install_grub(struct cd *cd, struct werr **err)
{
	uint32_t sector = find_file(cd, "eltorito.img")->sector;
	int r = grub_install_cd(cd->boot_code, cd->boot_code_size, cd->grub, cd->grub_size,
		(uint64_t)sector * ISO_SECTOR, err);

	if (r == 0)
		iso_boot_info_put(cd->grub, cd->grub_size, sector);
	return r;
}

static int finish(struct cd *cd, struct extents *ret, struct werr **err)
{
	int r = put_tables(cd, err);

	if (r < 0)
		return r;
	*ret = cd->image.extents;
	cd->image.extents = (struct extents){0};
	return 0;
}

int output_layout_iso_bios(const struct output_job *job, struct extents *ret, struct werr **err)
{
	CLEANUP(cd) struct cd cd = {0};
	const char *initrd;
	int r = output_need_bios(job, err);

	if (r == 0)
		r = begin(&cd, job, err);
	if (r == 0)
		r = add_kernel(&cd, err);
	if (r < 0)
		return r;
	initrd = find_file(&cd, "initrd.img") ? "/boot/initrd.img" : "";
	r = add_config(&cd, "/boot/kernel", initrd, err);
	if (r == 0)
		r = put_config(&cd, "/boot/kernel", initrd, err);
	if (r == 0)
		r = add_grub(&cd, err);
	if (r == 0)
		r = iso_boot_put(&cd.image, cd.files, cd.n, BUILD_TIME, err);
	if (r == 0)
		r = install_grub(&cd, err);
	return r < 0 ? r : finish(&cd, ret, err);
}

int output_layout_iso_efi(const struct output_job *job, struct extents *ret, struct werr **err)
{
	CLEANUP(cd) struct cd cd = {0};
	int r = begin(&cd, job, err);

	if (r == 0)
		r = add_efi(&cd, err);
	if (r == 0)
		r = iso_boot_put(&cd.image, cd.files, cd.n, BUILD_TIME, err);
	return r < 0 ? r : finish(&cd, ret, err);
}

/* GRUB takes the kernel and the initrd out of the program for UEFI. */
static int layout_both(const struct output_job *job, struct extents *ret, struct werr **err)
{
	static const char longest[] = "99999999999+99999999";
	CLEANUP(cd) struct cd cd = {0};
	CLEANUP(free) char *kernel = NULL;
	CLEANUP(free) char *initrd = NULL;
	int r = begin(&cd, job, err);

	if (r == 0)
		r = add_efi(&cd, err);
	if (r == 0)
		r = add_config(&cd, longest, longest, err);
	if (r == 0)
		r = add_grub(&cd, err);
	if (r == 0)
		r = iso_boot_put(&cd.image, cd.files, cd.n, BUILD_TIME, err);
	if (r < 0)
		return r;
	kernel = blocks_of(&cd, &cd.places.kernel);
	initrd = blocks_of(&cd, &cd.places.initrd);
	r = put_config(&cd, kernel, initrd, err);
	if (r == 0)
		r = install_grub(&cd, err);
	return r < 0 ? r : finish(&cd, ret, err);
}

/* Of both, what the architecture has. */
int output_layout_iso(const struct output_job *job, struct extents *ret, struct werr **err)
{
	return output_has_bios(job) ? layout_both(job, ret, err)
				    : output_layout_iso_efi(job, ret, err);
}
