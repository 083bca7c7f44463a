/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/loopdev.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"

enum { TRIES = 16, NUMBER_MAX = 1 << 20 };

int loopdev_attach(int fd, const char *path, const struct loopdev_part *part, char **ret_name,
	int *ret_fd, struct werr **err)
{
	CLEANUP(fd) int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC), loop = -1;
	struct loop_config config = {.fd = (uint32_t)fd,
		.block_size = part->sector,
		.info = {.lo_offset = part->at,
			.lo_sizelimit = part->size,
			.lo_flags = LO_FLAGS_AUTOCLEAR}};

	if (control < 0)
		return werr_errno(err, errno, "can't open /dev/loop-control");
	/* Another program may be quicker to take the one that is free. */
	for (int i = 0; i < TRIES; i++) {
		int number = ioctl(control, LOOP_CTL_GET_FREE);
		CLEANUP(free) char *name = str_printf("/dev/loop%d", number);

		fd_cleanup(&loop);
		loop = number < 0 ? -1 : open(name, O_RDWR | O_CLOEXEC);
		if (loop >= 0 && ioctl(loop, LOOP_CONFIGURE, &config) == 0) {
			*ret_name = STEAL(name);
			*ret_fd = fd_steal(&loop);
			return 0;
		}
		if (loop < 0 || errno != EBUSY)
			break;
	}
	return werr_errno(err, errno, "can't attach %s to a loop device", path);
}

/* Makes the device, if there is none of that number. */
static int make(const char *device, struct werr **err)
{
	const char *digits = str_after(device, "/dev/loop");
	CLEANUP(fd) int control = -1;
	uint64_t number;

	if (!digits || str_to_u64(digits, 10, &number) < 0 || number >= NUMBER_MAX)
		return werr_set(
			err, WERR_USAGE, "%.80s is not a loop device such as /dev/loop0", device);
	control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	if (control < 0)
		return werr_errno(err, errno, "can't open /dev/loop-control");
	if (ioctl(control, LOOP_CTL_ADD, (unsigned long)number) < 0 && errno != EEXIST)
		return werr_errno(err, errno, "can't make %s", device);
	return 0;
}

static bool has(int loop, int fd)
{
	struct loop_info64 info;
	struct stat st;

	return ioctl(loop, LOOP_GET_STATUS64, &info) == 0 && fstat(fd, &st) == 0 &&
	       info.lo_device == st.st_dev && info.lo_inode == st.st_ino;
}

int loopdev_attach_to(const char *device, int fd, const char *path, struct werr **err)
{
	struct loop_config config = {.fd = (uint32_t)fd};
	CLEANUP(fd) int loop = -1;
	int r = make(device, err);

	if (r < 0)
		return r;
	loop = open(device, O_RDWR | O_CLOEXEC);
	if (loop < 0)
		return werr_errno(err, errno, "can't open %s", device);
	if (ioctl(loop, LOOP_CONFIGURE, &config) == 0 || (errno == EBUSY && has(loop, fd)))
		return 0;
	if (errno != EBUSY)
		return werr_errno(err, errno, "can't attach %s to %s", path, device);
	r = werr_set(err, WERR_EXISTS, "another file is attached to %s", device);
	werr_hint(err, "name another device by --dev");
	return r;
}
