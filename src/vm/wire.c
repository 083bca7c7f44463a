/* SPDX-License-Identifier: Apache-2.0 */
#include "vm/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/path.h"

/*
 * QEMU lets those who connect to a socket wait until the first one has left. So each port has a
 * byte of a file that its user has locked, which ends with the user's process.
 */
static int lock_port(const struct vm_machine *m, unsigned port, int *ret, struct werr **err)
{
	CLEANUP(free) char *path = path_join(m->dir, WIRE_LOCK);
	CLEANUP(fd) int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	struct flock lock = {
		.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = (off_t)port, .l_len = 1};

	if (fd < 0)
		return werr_errno(err, errno, "can't open %s", path);
	if (fcntl(fd, F_OFD_SETLK, &lock) < 0) {
		if (errno == EAGAIN || errno == EACCES)
			return -EAGAIN;
		return werr_errno(err, errno, "can't lock %s", path);
	}
	*ret = fd_steal(&fd);
	return 0;
}

static int try_port(
	const struct vm_machine *m, unsigned port, struct vm_wire *ret, struct werr **err)
{
	CLEANUP(free) char *name = str_printf(MACHINE_OUTSIDE "%u", port);
	CLEANUP(fd) int lock = -1;
	int r = lock_port(m, port, &lock, err);

	if (r == 0)
		r = vm_machine_connect(m, name, &ret->fd, err);
	if (r == 0 && ret->fd >= 0)
		ret->lock = fd_steal(&lock);
	return r;
}

int vm_wire_open(const struct vm_machine *m, struct vm_wire *ret, struct werr **err)
{
	int r = vm_machine_check_dir(m->dir, err);

	*ret = VM_WIRE_INIT;
	if (r < 0)
		return r;
	r = -EAGAIN;
	for (unsigned i = 0; r == -EAGAIN && i < VM_WIRES; i++)
		r = try_port(m, i, ret, err);
	if (r == -EAGAIN)
		return werr_set(err, WERR_EXISTS,
			"%d others are connected to %s, which is all it takes", VM_WIRES, m->name);
	return r;
}

void vm_wire_cleanup(struct vm_wire *w)
{
	fd_cleanup(&w->fd);
	fd_cleanup(&w->lock);
	*w = VM_WIRE_INIT;
}
