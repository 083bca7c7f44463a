/* SPDX-License-Identifier: Apache-2.0 */
#include "metadata/seed.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <strings.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "common/fs.h"
#include "init/disk.h"

enum { VOLUME_AT = 0x8001, VOLUME_STEP = 2048, VOLUMES = 6 };
static const char mount_point[] = "/mnt";

void seed_cleanup(struct seed *s)
{
	if (s->dir_fd < 0)
		return;
	close(fd_steal(&s->dir_fd));
	umount2(mount_point, MNT_DETACH);
}

static size_t read_head(const char *device, unsigned char head[static DISK_HEAD])
{
	CLEANUP(fd) int fd = open(device, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	size_t size = 0;
	ssize_t n = 1;

	while (fd >= 0 && size < DISK_HEAD && n > 0) {
		n = pread(fd, head + size, DISK_HEAD - size, (off_t)size);
		size += n > 0 ? (size_t)n : 0;
	}
	return size;
}

/* UDF has its mark where ISO 9660 has its own (ECMA-167, 3/9.1). */
static bool is_udf(const unsigned char *head, size_t size)
{
	for (size_t i = 0; i < VOLUMES; i++) {
		size_t at = VOLUME_AT + i * VOLUME_STEP;

		if (at + 4 <= size && memcmp(head + at, "NSR0", 4) == 0)
			return true;
	}
	return false;
}

/* NULL: nothing is on it that this program reads. */
static const char *identify(const char *device, struct disk_fs *ret)
{
	CLEANUP(free) unsigned char *head = mem_alloc(DISK_HEAD);
	size_t size = read_head(device, head);

	*ret = (struct disk_fs){0};
	if (disk_identify(head, size, ret))
		return str_eq(ret->type, "iso9660") || str_eq(ret->type, "vfat") ? ret->type : NULL;
	return is_udf(head, size) ? "udf" : NULL;
}

static int mount_seed(const char *device, const char *type, struct seed *ret, struct werr **err)
{
	const unsigned long flags = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC;
	int r = file_make_dirs(mount_point, 0755, err);

	if (r < 0)
		return r;
	if (mount(device, mount_point, type, flags, NULL) < 0) {
		r = werr_errno(err, errno, "can't mount %s (%s)", device, type);
		if (r == -ENODEV)
			werr_hint(err, "this kernel has no such file system");
		return r;
	}
	ret->dir_fd = open(mount_point, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (ret->dir_fd < 0) {
		r = werr_errno(err, errno, "can't open %s", mount_point);
		umount2(mount_point, MNT_DETACH);
		return r;
	}
	return str_copy(ret->device, sizeof(ret->device), device);
}

/* Of the kernel's block devices, those that a machine's host can have put something on. */
static bool is_seed(const char *name)
{
	static const char *const others[] = {"loop", "ram", "zram", "dm-", "md", "nbd", "fd"};

	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (str_after(name, others[i]))
			return false;
	return true;
}

bool seed_mount_label(const char *label, struct seed *ret, struct werr **err)
{
	CLEANUP(strv) struct strv names = {0};
	const char *name;

	fs_names("/sys/class/block", &names);
	STRV_FOREACH (name, &names) {
		CLEANUP(free) char *device = str_printf("/dev/%s", name);
		struct disk_fs fs;
		const char *type = is_seed(name) ? identify(device, &fs) : NULL;
		struct werr *why = NULL;

		if (!type || strcasecmp(fs.label, label) != 0)
			continue;
		if (mount_seed(device, type, ret, &why) == 0)
			return true;
		werr_append(err, why);
	}
	return false;
}

bool seed_read(const struct seed *s, const char *path, size_t max, char **ret, size_t *ret_size,
	struct werr **err)
{
	const struct open_how how = {
		.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV,
	};
	CLEANUP(fd) int fd = (int)syscall(SYS_openat2, s->dir_fd, path, &how, sizeof(how));
	struct werr *why = NULL;
	struct stat st;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return false;
	if (fd < 0)
		werr_errno(&why, errno, "can't open %s", path);
	else if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		werr_set(&why, WERR_INVALID, "%s is not a file", path);
	else if (file_read_fd(fd_steal(&fd), path, max, ret, ret_size, &why) == 0)
		return true;
	werr_wrap(&why, "%s", s->device);
	werr_append(err, why);
	return false;
}

bool seed_read_cd(const char *path, size_t max, char **ret, size_t *ret_size,
	char ret_device[SEED_DEVICE], struct werr **err)
{
	CLEANUP(strv) struct strv names = {0};
	const char *name;

	fs_names("/sys/class/block", &names);
	STRV_FOREACH (name, &names) {
		CLEANUP(free) char *device = str_printf("/dev/%s", name);
		CLEANUP(seed) struct seed s = SEED();
		struct disk_fs fs;
		const char *type = str_after(name, "sr") ? identify(device, &fs) : NULL;
		struct werr *why = NULL;

		if (type && mount_seed(device, type, &s, &why) < 0)
			werr_append(err, why);
		if (s.dir_fd >= 0 && seed_read(&s, path, max, ret, ret_size, err))
			return ret_device == NULL ||
			       str_copy(ret_device, SEED_DEVICE, s.device) == 0;
	}
	return false;
}
