/* SPDX-License-Identifier: Apache-2.0 */
/* The files of an output that can be booted. */
#include "vm/qemu.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arch/arch.h"
#include "base/file.h"
#include "base/mem.h"
#include "contract/cmdline.h"
#include "contract/outputs.h"
#include "tar/ustar.h"
#include "vm/boot-cd.h"
#include "vm/boot-disk.h"
#include "vm/efi-disk.h"
#include "vm/foreign-disk.h"
#include "vm/unpack.h"
#include "vm/whole-disk.h"

static const char *kernel_arch(int fd)
{
	for (const struct arch *a = arch_table; a->name; a++)
		if (arch_is_kernel(a, fd))
			return a->name;
	return NULL;
}

/* Where the root can be, in the order in which one is looked for. */
static const struct root_file {
	const char *name;   /* as `build --root` calls it */
	const char *suffix; /* of the image of a disk; NULL: it is in the initrd */
	const char *initrd; /* or that is the suffix of what finds the disk */
	bool is_shared;     /* other formats write such a file, too: it counts when no other does */
} root_files[] = {
	{"initrd", NULL, OUTPUT_INITRD, false},
	{"squashfs", OUTPUT_SQUASHFS, OUTPUT_BOOT_INITRD, false},
	{"erofs", OUTPUT_EROFS, OUTPUT_BOOT_INITRD, false},
	{"iso", OUTPUT_ISO, OUTPUT_BOOT_INITRD, true},
};

const char *const *boot_files_roots(void)
{
	static const char *names[ARRAY_SIZE(root_files) + 1];

	for (size_t i = 0; i < ARRAY_SIZE(root_files); i++)
		names[i] = root_files[i].name;
	return names;
}

static bool output_is_there(const char *path, const char *suffix)
{
	CLEANUP(free) char *name = str_printf("%s%s", path, suffix);

	return access(name, F_OK) == 0;
}

/* How a tar begins whose first file is that. */
static bool is_tar_of(const char *path, const char *first)
{
	CLEANUP(fd) int fd = -1;
	char found[USTAR_NAME];

	return str_ends_with(path, ".tar") && file_open_seekable(path, &fd, NULL) == 0 &&
	       pread(fd, found, sizeof(found), 0) == (ssize_t)sizeof(found) &&
	       strncmp(found, first, sizeof(found)) == 0;
}

static int not_there(const char *path, const char *missing, struct werr **err)
{
	static const char *const suffixes[] = {OUTPUT_KERNEL, OUTPUT_BOOT_INITRD, OUTPUT_INITRD,
		OUTPUT_SQUASHFS, OUTPUT_EROFS, OUTPUT_CMDLINE};

	werr_set(err, WERR_NOT_FOUND, "nothing to boot: there is no %s", missing);
	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++)
		if (str_ends_with(path, suffixes[i])) {
			werr_hint(err, "leave off the suffix: %.*s",
				(int)(strlen(path) - strlen(suffixes[i])), path);
			return werr_code(WERR_NOT_FOUND);
		}
	if (*path && output_is_there(path, OUTPUT_INITRD))
		werr_hint(err,
			"%s" OUTPUT_INITRD " is there, so the file that it was built from has no "
			"kernel: add `kernel:` to it, and build again",
			path);
	else if (*path && output_is_there(path, "/" FIRECRACKER_CONFIG))
		werr_hint(err, "it is for Firecracker: wherry run firecracker %s", path);
	else if (*path && output_is_there(path, OUTPUT_UKI))
		werr_hint(err, "there is %s" OUTPUT_UKI ": wherry run %s" OUTPUT_UKI, path, path);
	else if (is_tar_of(path, "oci-layout"))
		werr_hint(err, "if it is of --format oci, call it %.*s" OUTPUT_OCI,
			(int)(strlen(path) - strlen(".tar")), path);
	else if (str_ends_with(path, ".yml") || str_ends_with(path, ".yaml"))
		werr_hint(err, "build it with: wherry build %s, and run %.*s", path,
			(int)(strrchr(path, '.') - path), path);
	else
		werr_hint(err, "make it with: wherry build --format kernel+initrd %s.yml", path);
	return werr_code(WERR_NOT_FOUND);
}

/* An empty one when it is missing. */
static int read_cmdline(
	const char *path, const struct boot_wish *wish, struct boot_files *f, struct werr **err)
{
	CLEANUP(free) char *file = str_printf("%s" OUTPUT_CMDLINE, path);
	CLEANUP(free) char *text = NULL;
	bool there = false;
	size_t size;
	int r = file_look(file, &there, err);

	if (there)
		r = file_read(file, CMDLINE_MAX, &text, &size, err);
	if (r < 0)
		return r;
	f->cmdline = contract_cmdline(text ? text : "",
		f->root ? qemu_first_disk(wish->arch ? wish->arch : f->arch, wish->scsi) : NULL);
	return 0;
}

/* The path with a suffix; NULL when there is no such file. */
static char *find_file(const char *path, const char *suffix)
{
	CLEANUP(free) char *file = str_printf("%s%s", path, suffix);

	return file_exists(file) ? STEAL(file) : NULL;
}

static bool root_is_there(const char *path, const struct root_file *root)
{
	return output_is_there(path, root->suffix ? root->suffix : root->initrd);
}

/* Where the root is, of those that are there: as wished, or the first one. */
static int find_root(
	const char *path, const struct boot_wish *wish, struct boot_files *f, struct werr **err)
{
	const struct root_file *found = NULL, *missing = &root_files[0];
	CLEANUP(free) char *file = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(root_files); i++) {
		const struct root_file *root = &root_files[i];
		bool is_wished = wish->root && str_eq(root->name, wish->root);

		missing = is_wished ? root : missing;
		if ((wish->root && !is_wished) || (found && root->is_shared) ||
			!root_is_there(path, root))
			continue;
		if (found)
			f->other = root->name;
		else
			found = root;
	}
	if (found) {
		f->kind = found->name;
		f->initrd = find_file(path, found->initrd);
		f->root = found->suffix ? find_file(path, found->suffix) : NULL;
		return 0;
	}
	file = str_printf("%s%s", path, missing->suffix ? missing->suffix : missing->initrd);
	if (!missing->suffix)
		return not_there(path, file, err);
	werr_set(err, WERR_NOT_FOUND, "nothing to boot: there is no %s", file);
	werr_hint(err, "make it with: wherry build --format kernel+%s %s.yml", missing->name, path);
	return werr_code(WERR_NOT_FOUND);
}

static int find_kernel(
	const char *path, const struct boot_wish *wish, struct boot_files *ret, struct werr **err)
{
	CLEANUP(boot_files) struct boot_files f = {0};
	CLEANUP(fd) int fd = -1;
	int r;

	f.kernel = str_printf("%s" OUTPUT_KERNEL, path);
	if (!file_exists(f.kernel))
		return not_there(path, f.kernel, err);
	r = find_root(path, wish, &f, err);
	if (r == 0)
		r = file_open_seekable(f.kernel, &fd, err);
	if (r == 0)
		f.arch = kernel_arch(fd);
	if (r == 0)
		r = read_cmdline(path, wish, &f, err);
	if (r < 0)
		return r;
	*ret = f;
	f = (struct boot_files){0};
	return 0;
}

/* Whether PATH is itself an image, rather than the beginning of names or one of these files. */
static bool is_image(const char *path)
{
	static const char *const others[] = {OUTPUT_KERNEL, OUTPUT_INITRD, OUTPUT_BOOT_INITRD,
		OUTPUT_SQUASHFS, OUTPUT_EROFS, OUTPUT_CMDLINE, ".yml", ".yaml", ".tar", ".docker"};
	CLEANUP(free) char *kernel = str_printf("%s" OUTPUT_KERNEL, path);
	struct stat st;

	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (str_ends_with(path, others[i]))
			return false;
	return !file_exists(kernel) && stat(path, &st) == 0 && !S_ISDIR(st.st_mode);
}

/*
 * The format of the disk that is booted can't be given, as its option is for others. qemu-img reads
 * the files that it names, which a stranger could have chosen.
 */
static int refuse_format(const char *path, struct werr *why, struct werr **err)
{
	free(why->hint);
	why->hint = str_printf(
		"if you trust it: qemu-img convert -O qcow2 %s %s.qcow2 makes a disk that is known",
		path, path);
	werr_pass(err, why);
	return werr_code(WERR_INVALID);
}

/* QEMU starts whatever there is, and its machine waits for ever. */
static int check_disk(int fd, const char *path, struct boot_disk *ret, struct werr **err)
{
	CLEANUP(qemu_disk) struct qemu_disk d = {0};
	struct disk_image image;
	struct werr *why = NULL;
	off_t size = lseek(fd, 0, SEEK_END);
	int r = foreign_disk_find(path, &d, err);
	bool is_foreign = d.format != NULL;

	if (r == 0 && !is_foreign)
		r = qemu_disk_find_format(&d, &why);
	if (r == werr_code(WERR_INVALID) && why)
		return refuse_format(path, why, err);
	werr_pass(err, why);
	if (r < 0)
		return r;
	if (!vm_disk_is_whole(d.format, fd, d.offset, d.length ? d.length : (uint64_t)size)) {
		werr_set(err, WERR_INVALID, "%s is cut short: it says where more is", path);
		werr_hint(err, "build or copy it again");
		return werr_code(WERR_INVALID);
	}
	if (!disk_image_open(fd, d.format, d.offset, d.length, &image))
		image = (struct disk_image){.fd = fd};
	boot_disk_look(&image, ret);
	return is_foreign ? 0 : boot_disk_check(&image, path, err);
}

static int find_disk(int fd, const char *path, struct boot_files *ret, struct werr **err)
{
	struct boot_disk disk = {0};
	int r;

	if (vm_disk_is_program(path, &disk.arch)) {
		disk.needs_uefi = true;
		r = vm_disk_check_program(path, err);
	} else {
		r = vm_disk_is_packed(path) ? 0 : check_disk(fd, path, &disk, err);
	}
	ret->uefi = disk.needs_uefi;
	ret->arch = disk.arch;
	return r;
}

static int find_cd(int fd, const char *path, struct boot_files *ret, struct werr **err)
{
	struct boot_disk cd;

	boot_cd_look(fd, &cd);
	ret->uefi = cd.needs_uefi;
	ret->arch = cd.arch;
	return boot_cd_check(fd, path, err);
}

static int find_image(const char *path, bool is_cd, struct boot_files *ret, struct werr **err)
{
	CLEANUP(fd) int fd = -1;
	int r = file_open_seekable(path, &fd, err);

	if (r == 0)
		r = (is_cd ? find_cd : find_disk)(fd, path, ret, err);
	if (r < 0)
		return r;
	*(is_cd ? &ret->cd : &ret->disk) = str_dup(path);
	return 0;
}

/* What the format pxe writes. */
static bool is_netboot(const char *path)
{
	CLEANUP(free) char *script = str_printf("%s/" PXE_SCRIPT, path);

	return file_exists(script);
}

static int find_netboot(const char *path, struct boot_files *ret, struct werr **err)
{
	CLEANUP(free) char *kernel = str_printf("%s/" PXE_KERNEL, path);
	CLEANUP(fd) int fd = -1;
	int r = file_open_seekable(kernel, &fd, err);

	if (r < 0)
		return r;
	*ret = (struct boot_files){.netboot = str_dup(path), .arch = kernel_arch(fd)};
	return 0;
}

/* The tar that the format rpi3 writes: QEMU's board has no program that would unpack it. */
static bool is_card(const char *path)
{
	return is_tar_of(path, RPI_FIRST_FILE);
}

static int refuse_card(const char *path, struct werr **err)
{
	werr_set(err, WERR_UNSUPPORTED, "%s is for the SD card of a Raspberry Pi", path);
	werr_hint(err, "unpack it into the card's FAT; for a machine here, build kernel+initrd");
	return werr_code(WERR_UNSUPPORTED);
}

int boot_files_find(
	const char *path, const struct boot_wish *wish, struct boot_files *ret, struct werr **err)
{
	if (!wish->kernel && !wish->iso && is_netboot(path))
		return find_netboot(path, ret, err);
	if (!wish->kernel && !wish->iso && is_card(path))
		return refuse_card(path, err);
	if (wish->kernel || (!wish->iso && !is_image(path)))
		return find_kernel(path, wish, ret, err);
	if (!file_exists(path))
		return werr_set(err, WERR_NOT_FOUND, "nothing to boot: there is no %s", path);
	*ret = (struct boot_files){0};
	return find_image(path, wish->iso || str_ends_with(path, OUTPUT_ISO), ret, err);
}

int boot_files_look(const char *path, struct boot_files *f, struct werr **err)
{
	CLEANUP(fd) int fd = -1;
	struct disk_image image;
	struct boot_disk disk;
	int r = file_open_seekable(path, &fd, err);

	if (r < 0 || !disk_image_open(fd, "raw", 0, 0, &image))
		return r;
	boot_disk_look(&image, &disk);
	f->uefi = disk.needs_uefi;
	f->arch = disk.arch;
	return 0;
}

void boot_files_cleanup(struct boot_files *f)
{
	free(f->cd);
	free(f->disk);
	free(f->netboot);
	free(f->kernel);
	free(f->initrd);
	free(f->root);
	free(f->cmdline);
	*f = (struct boot_files){0};
}
