/* SPDX-License-Identifier: Apache-2.0 */
#include "vm/presence.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "vm/machines-impl.h"

static int lock_name(const char *dir, int flags)
{
	CLEANUP(free) char *path = path_join(dir, PRESENCE_NAME);

	return open(path, flags | O_CLOEXEC | O_NOFOLLOW, 0600);
}

static int write_name(struct vm_presence *p, const char *name, struct werr **err)
{
	p->lock = lock_name(p->dir, O_RDWR | O_CREAT | O_EXCL);
	if (p->lock < 0 || flock(p->lock, LOCK_EX | LOCK_NB) < 0 ||
		write(p->lock, name, strlen(name)) != (ssize_t)strlen(name))
		return werr_errno(err, errno, "can't write to %s", p->dir);
	return 0;
}

static int make(const char *name, struct vm_presence *p, struct werr **err)
{
	CLEANUP(free) char *all = NULL;
	CLEANUP(free) char *longest = NULL;
	int r = vm_machines_dir(&all, err);

	if (r == 0)
		r = file_make_dirs(all, 0700, err);
	if (r < 0)
		return r;
	p->dir = str_printf("%s/%d", all, (int)getpid());
	longest = path_join(p->dir, MACHINE_OUTSIDE "0");
	if (strlen(longest) >= sizeof(((struct sockaddr_un *)NULL)->sun_path))
		return werr_set(err, WERR_LIMIT, "its name is too long: %s", longest);
	/* One of another PID namespace. */
	if (vm_presence_is_real(p->dir))
		return werr_set(err, WERR_EXISTS, "another process uses %s", p->dir);
	/* Of an earlier process with this number. */
	r = file_remove_all(p->dir, err);
	if (r == 0 && mkdir(p->dir, 0700) < 0)
		r = werr_errno(err, errno, "can't make %s", p->dir);
	return r < 0 ? r : write_name(p, name, err);
}

void vm_presence_begin(const char *name, struct vm_presence *ret)
{
	CLEANUP(werr) struct werr *why = NULL;
	CLEANUP(vm_presence) struct vm_presence p = {.lock = -1};

	*ret = (struct vm_presence){.lock = -1};
	if (make(name, &p, &why) < 0)
		log_detail("the machine is not found by others: %s", why->message);
	else
		*ret = (struct vm_presence){STEAL(p.dir), fd_steal(&p.lock)};
}

void vm_presence_cleanup(struct vm_presence *p)
{
	CLEANUP(werr) struct werr *ignored = NULL;

	if (p->dir && p->lock >= 0)
		(void)file_remove_all(p->dir, &ignored);
	fd_cleanup(&p->lock);
	free(p->dir);
	*p = (struct vm_presence){.lock = -1};
}

bool vm_presence_is_real(const char *dir)
{
	CLEANUP(fd) int fd = lock_name(dir, O_RDONLY);

	return fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;
}
