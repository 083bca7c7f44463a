/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/loopdev.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"

enum { TRIES = 16 };

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
