/* SPDX-License-Identifier: Apache-2.0 */
#include "service/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/str.h"

int service_log_open(struct service_log *log, const char *path, uint64_t max, struct werr **err)
{
	struct stat st;

	*log = (struct service_log){.path = str_dup(path), .max = max};
	log->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (log->fd < 0)
		return werr_errno(err, errno, "can't write %s", path);
	log->size = fstat(log->fd, &st) == 0 ? (uint64_t)st.st_size : 0;
	return 0;
}

/* A log that can't go on in a new file goes on with none: a container is never held up by it. */
static void start_over(struct service_log *log)
{
	CLEANUP(free) char *old = str_printf("%s.0", log->path);

	close(log->fd);
	log->fd = -1;
	log->size = 0;
	if (rename(log->path, old) == 0)
		log->fd = open(log->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
}

static void keep_tail(struct service_log *log, const char *p, size_t size)
{
	for (size_t i = size > SERVICE_LOG_TAIL ? size - SERVICE_LOG_TAIL : 0; i < size; i++)
		log->tail[(log->total + i) % SERVICE_LOG_TAIL] = p[i];
	log->total += size;
}

void service_log_add(struct service_log *log, const void *p, size_t size)
{
	keep_tail(log, p, size);
	if (log->fd >= 0 && log->size > 0 && log->size + size > log->max)
		start_over(log);
	if (log->fd >= 0 && fd_write_all(log->fd, p, size) == 0)
		log->size += size;
}

char *service_log_last(const struct service_log *log, unsigned n)
{
	size_t have = log->total < SERVICE_LOG_TAIL ? (size_t)log->total : SERVICE_LOG_TAIL;
	CLEANUP(free) char *text = mem_alloc(have + 1);
	CLEANUP(strv) struct strv lines = {0}, last = {0};
	const char *line;

	for (size_t i = 0; i < have; i++) {
		unsigned char c =
			(unsigned char)log->tail[(log->total - have + i) % SERVICE_LOG_TAIL];

		text[i] = c == '\n' ? '\n' : c < ' ' || c == 127 ? ' ' : (char)c;
	}
	strv_split(&lines, text, '\n');
	/* The first may have lost its beginning. */
	for (size_t i = log->total > have; i < lines.n; i++)
		if (*lines.items[i])
			strv_add(&last, lines.items[i]);
	CLEANUP(buf) struct buf out = BUF_INIT(SERVICE_LOG_TAIL * 4);
	STRV_FOREACH (line, &last) {
		if (line_i + n < last.n)
			continue;
		buf_printf(&out, "%s%s", out.len ? " / " : "", line);
	}
	return buf_steal(&out);
}

void service_log_close(struct service_log *log)
{
	free(log->path);
	if (log->fd >= 0)
		close(log->fd);
	*log = (struct service_log){.fd = -1};
}
