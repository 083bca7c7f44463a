/* SPDX-License-Identifier: Apache-2.0 */
#include "vm/qemu.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "arch/arch.h"
#include "base/file.h"
#include "base/mem.h"

enum { CMDLINE_MAX = 64 << 10 };

static bool is_kernel_of(const struct arch *a, int fd)
{
	char found[ARCH_MAGIC];

	return a->kernel.magic[0] &&
	       pread(fd, found, sizeof(found), a->kernel.offset) == sizeof(found) &&
	       memcmp(found, a->kernel.magic, sizeof(found)) == 0;
}

static const char *kernel_arch(int fd)
{
	for (const struct arch *a = arch_table; a->name; a++)
		if (is_kernel_of(a, fd))
			return a->name;
	return NULL;
}

static int not_there(const char *path, const char *missing, struct werr **err)
{
	static const char *const endings[] = {"-kernel", "-initrd.img", "-cmdline"};

	werr_set(err, WERR_NOT_FOUND, "nothing to boot: there is no %s", missing);
	for (size_t i = 0; i < ARRAY_SIZE(endings); i++)
		if (str_ends_with(path, endings[i])) {
			werr_hint(err, "leave the ending away: %.*s",
				(int)(strlen(path) - strlen(endings[i])), path);
			return werr_code(WERR_NOT_FOUND);
		}
	if (str_ends_with(path, ".yml") || str_ends_with(path, ".yaml"))
		werr_hint(err, "build it with: wherry build %s, and run %.*s", path,
			(int)(strrchr(path, '.') - path), path);
	else if (file_exists(path))
		werr_hint(err,
			"%s is there, but only what `wherry build --format kernel+initrd` "
			"writes can be booted so far",
			path);
	else
		werr_hint(err, "make it with: wherry build --format kernel+initrd %s.yml", path);
	return werr_code(WERR_NOT_FOUND);
}

int boot_files_find(const char *path, struct boot_files *ret, struct werr **err)
{
	CLEANUP(boot_files) struct boot_files f = {0};
	CLEANUP(free) char *cmdline = str_printf("%s-cmdline", path);
	CLEANUP(fd) int fd = -1;
	bool has_cmdline = false;
	size_t size = 0;
	int r;

	f.kernel = str_printf("%s-kernel", path);
	f.initrd = str_printf("%s-initrd.img", path);
	if (!file_exists(f.kernel))
		return not_there(path, f.kernel, err);
	if (!file_exists(f.initrd))
		return not_there(path, f.initrd, err);
	r = file_open(f.kernel, &fd, err);
	if (r == 0)
		f.arch = kernel_arch(fd);
	if (r == 0)
		r = file_look(cmdline, &has_cmdline, err);
	if (has_cmdline)
		r = file_read(cmdline, CMDLINE_MAX, &f.cmdline, &size, err);
	if (r < 0)
		return r;
	if (!f.cmdline)
		f.cmdline = str_dup("");
	while (size > 0 && strchr("\n ", f.cmdline[size - 1]))
		f.cmdline[--size] = 0;
	*ret = f;
	f = (struct boot_files){0};
	return 0;
}

void boot_files_cleanup(struct boot_files *f)
{
	free(f->kernel);
	free(f->initrd);
	free(f->cmdline);
	*f = (struct boot_files){0};
}
