/* SPDX-License-Identifier: Apache-2.0 */
#include "log/logfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/mem.h"
#include "base/str.h"

int logfile_open(struct logfile *f, const char *path, uint64_t max, struct werr **err)
{
	struct stat st;

	*f = (struct logfile){.path = str_dup(path), .max = max};
	f->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (f->fd < 0)
		return werr_errno(err, errno, "can't write %s", path);
	f->size = fstat(f->fd, &st) == 0 ? (uint64_t)st.st_size : 0;
	return 0;
}

/* If no new file can be created, logging to files ends: it must not block the container. */
static void start_over(struct logfile *f)
{
	CLEANUP(free) char *old = str_printf("%s.0", f->path);

	close(f->fd);
	f->fd = -1;
	f->size = 0;
	if (rename(f->path, old) == 0)
		f->fd = open(f->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
}

void logfile_add(struct logfile *f, const void *p, size_t size)
{
	if (f->fd >= 0 && f->size > 0 && f->size + size > f->max)
		start_over(f);
	if (f->fd >= 0 && fd_write_all(f->fd, p, size) == 0)
		f->size += size;
}

void logfile_close(struct logfile *f)
{
	free(f->path);
	fd_cleanup(&f->fd);
	*f = LOGFILE_NONE;
}
