/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/swap-crypt.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"
#include "tools/loopdev.h"
#include "tools/swap-area.h"

enum { SECTOR = 512, CLEAR = 64 << 10, KEY_BYTES = 64, PARAMETERS_MAX = 512 };

/* What a DM_TABLE_LOAD with one target takes. */
struct table {
	struct dm_ioctl head;
	struct dm_target_spec target;
	char parameters[PARAMETERS_MAX];
};

/* ---- the mapping ---- */

static void head(struct table *t, size_t size, const char *name)
{
	t->head = (struct dm_ioctl){
		.version = {4, 0, 0}, .data_size = (uint32_t)size, .data_start = sizeof(t->head)};
	str_copy(t->head.name, sizeof(t->head.name), name);
}

/* The table: "CIPHER KEY 0 DEVICE 0" (the kernel's admin-guide/device-mapper/dm-crypt). */
static int fill(struct table *t, const char *name, const char *loop, uint64_t size)
{
	unsigned char key[KEY_BYTES];
	char hex[2 * KEY_BYTES + 1];
	int r;

	if (getrandom(key, sizeof(key), 0) != (ssize_t)sizeof(key))
		return -errno;
	str_hex(hex, key, sizeof(key));
	head(t, sizeof(*t), name);
	t->head.target_count = 1;
	t->head.flags = DM_SECURE_DATA_FLAG;
	t->target = (struct dm_target_spec){.length = size / SECTOR};
	str_copy(t->target.target_type, sizeof(t->target.target_type), "crypt");
	r = str_format(
		t->parameters, sizeof(t->parameters), "aes-xts-plain64 %s 0 %s 0", hex, loop);
	explicit_bzero(key, sizeof(key));
	explicit_bzero(hex, sizeof(hex));
	return r;
}

/* As the kernel has it: twelve bits of the major number within those of the minor one. */
static dev_t number_of(uint64_t dev)
{
	return makedev((dev >> 8) & 0xfff, (dev & 0xff) | ((dev >> 12) & 0xfff00));
}

/* *ret_dev: the number of the mapped device. 0 or -errno; -EBUSY: there is one of that name. */
static int map(const char *name, const char *loop, uint64_t size, dev_t *ret_dev)
{
	CLEANUP(fd) int control = open("/dev/mapper/control", O_RDWR | O_CLOEXEC);
	struct table t = {0};
	int r = 0;

	if (control < 0)
		return -errno;
	head(&t, sizeof(t.head), name);
	if (ioctl(control, DM_DEV_CREATE, &t.head) < 0)
		return -errno;
	*ret_dev = number_of(t.head.dev);
	r = fill(&t, name, loop, size);
	if (r == 0 && ioctl(control, DM_TABLE_LOAD, &t) < 0)
		r = -errno;
	explicit_bzero(&t, sizeof(t));
	head(&t, sizeof(t.head), name);
	/* Without the flag to suspend it, this resumes it. */
	if (r == 0 && ioctl(control, DM_DEV_SUSPEND, &t.head) < 0)
		r = -errno;
	if (r < 0) {
		head(&t, sizeof(t.head), name);
		ioctl(control, DM_DEV_REMOVE, &t.head);
	}
	return r;
}

/* ---- both ---- */

static int map_file(int fd, const char *path, const char *name, char **ret, struct werr **err)
{
	CLEANUP(free) char *loop = NULL, *device = NULL;
	CLEANUP(fd) int loop_fd = -1, mapped = -1;
	static const struct loopdev_part encrypted = {.at = CLEAR};
	uint64_t size = swap_area_room(fd);
	dev_t dev = 0;
	int r;

	if (size < 2 * CLEAR)
		return werr_set(err, WERR_INVALID, "%s is too small to be encrypted", path);
	r = loopdev_attach(fd, path, &encrypted, &loop, &loop_fd, err);
	if (r < 0)
		return r;
	size = (size - CLEAR) / SECTOR * SECTOR;
	r = map(name, loop, size, &dev);
	if (r == -EBUSY)
		return werr_set(err, WERR_EXISTS, "%s is mapped already", path);
	if (r < 0) {
		werr_errno(err, -r, "can't map %s by dm-crypt", path);
		werr_hint(err, "the kernel needs the modules dm-mod, dm-crypt and xts");
		return r;
	}
	device = str_printf("/dev/dm-%u", minor(dev));
	mapped = open(device, O_RDWR | O_CLOEXEC);
	if (mapped < 0)
		return werr_errno(err, errno, "can't open %s", device);
	r = swap_area_format_device(mapped, device, err);
	if (r == 0)
		*ret = STEAL(device);
	return r;
}

int swap_crypt_open(int fd, const char *path, char **ret, struct werr **err)
{
	CLEANUP(free) char *name = NULL;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return werr_errno(err, errno, "can't read %s", path);
	/* One for each file, so that a second mapping of it is noticed. */
	name = S_ISBLK(st.st_mode) ? str_printf("swap-%llx", (unsigned long long)st.st_rdev)
				   : str_printf("swap-%llx-%llx", (unsigned long long)st.st_dev,
					     (unsigned long long)st.st_ino);
	return map_file(fd, path, name, ret, err);
}
