/* SPDX-License-Identifier: Apache-2.0 */
#include "vm/efi-disk.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arch/arch.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "boot/pe.h"
#include "disk/fat.h"
#include "disk/gpt.h"

enum { HEAD_MAX = 4096 };

/* The headers of a PE file, and how large it is. */
static bool read_program(const char *path, struct pe *ret, uint64_t *ret_size)
{
	CLEANUP(fd) int fd = -1;
	CLEANUP(free) char *head = mem_alloc(HEAD_MAX);
	struct stat st;
	ssize_t n;

	if (file_open_seekable(path, &fd, NULL) < 0 || fstat(fd, &st) < 0)
		return false;
	*ret_size = (uint64_t)st.st_size;
	n = pread(fd, head, HEAD_MAX, 0);
	return n > 0 && pe_parse(head, (size_t)n, ret, NULL) == 0;
}

static const struct arch *program_arch(const char *path)
{
	uint64_t size;
	struct pe pe;

	return read_program(path, &pe, &size) ? arch_find_efi(pe.machine) : NULL;
}

int vm_disk_check_program(const char *path, struct werr **err)
{
	char has[16], needs[16];
	uint64_t size = 0, end;
	struct pe pe;

	if (!read_program(path, &pe, &size))
		return 0;
	end = (uint64_t)pe.certificates + pe.certificates_size;
	for (size_t i = 0; i < pe.n; i++)
		if ((uint64_t)pe.sections[i].at + pe.sections[i].raw > end)
			end = (uint64_t)pe.sections[i].at + pe.sections[i].raw;
	if (end <= size)
		return 0;
	werr_set(err, WERR_INVALID, "%s is cut short: it has %s of %s", path, str_size(has, size),
		str_size(needs, end));
	werr_hint(err, "build or copy it again");
	return werr_code(WERR_INVALID);
}

bool vm_disk_is_program(const char *path, const char **ret_arch)
{
	const struct arch *a = program_arch(path);

	if (a && ret_arch)
		*ret_arch = a->name;
	return a != NULL;
}

static int write_disk(int fd, uint64_t size, const char *name, int to, struct werr **err)
{
	CLEANUP(extents) struct extents disk = {0};
	CLEANUP(extents) struct extents esp = {0};
	CLEANUP(writer) struct writer *out = fd_writer_new(to, FD_LENT, "a disk for UEFI");
	struct gpt_partition partition = {.type = gpt_type_esp, .id = {{1}}, .name = "EFI"};
	const struct gpt gpt = {.id = {{2}}, .partitions = &partition, .n = 1};
	struct fat_file file = {.path = name, .content.size = size};
	struct fat fat = {.files = &file, .n = 1, .label = "EFI"};
	int r = extents_add_range(&file.content, 0, &(struct io_range){fd, 0, size}, err);

	if (r == 0)
		r = fat_place(&fat, err);
	partition.size = fat.size;
	if (r == 0)
		r = gpt_place(&partition, 1, &disk.size, err);
	fat.hidden = partition.at;
	if (r == 0)
		r = fat_put(&fat, &esp, err);
	if (r == 0)
		r = gpt_put(&gpt, &disk, err);
	if (r == 0)
		r = extents_move(&disk, partition.at, &esp, err);
	if (r == 0)
		r = disk_raw.write(&disk, &(struct disk_options){.threads = 1}, out, err);
	extents_cleanup(&file.content);
	return r < 0 ? r : writer_finish(out, err);
}

int vm_disk_of_program(const char *path, const char *to, struct werr **err)
{
	const struct arch *a = program_arch(path);
	CLEANUP(free)
	char *name = str_printf("EFI/BOOT/%s", a ? a->efi.boot_file : "");
	CLEANUP(atomic_file) struct atomic_file *file = NULL;
	CLEANUP(fd) int fd = -1;
	struct stat st;
	int r = file_open_seekable(path, &fd, err);

	if (r < 0)
		return r;
	if (!a || fstat(fd, &st) < 0)
		return werr_set(err, WERR_INVALID, "%s is no program for UEFI", path);
	r = atomic_file_open(&file, to, 0600, err);
	if (r == 0)
		r = write_disk(fd, (uint64_t)st.st_size, name, file->fd, err);
	return r < 0 ? r : atomic_file_place(file, err);
}
