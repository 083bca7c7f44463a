/* SPDX-License-Identifier: Apache-2.0 */
#include "log/journal.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "common/console.h"
#include "common/kept.h"
#include "common/ownlines.h"
#include "common/paths.h"
#include "common/uptime.h"
#include "contract/wherry.h"
#include "log/stream.h"

enum { RING_SIZE = 64 << 10, MESSAGES_AT_ONCE = 64 };

/* No container's ID, as it has a slash. */
static const char key[] = "own/" OWN_NAME;

/*
 * A file is open only while a line is written, so that it keeps no disk from being unmounted. The
 * first time it gets all lines since the boot, as the disk came later than they did. While
 * everything is stopped nothing is written: a disk that does not answer must not keep the machine
 * from ending.
 */
static void to_file(struct journal *j, uint64_t ms, const char *text, size_t size)
{
	static const char path[] = LOG_DIR "/" OWN_NAME ".log";
	struct logfile file = LOGFILE_NONE;
	struct ring_line line;
	uint64_t cursor = 0;

	if (j->env->stopping || !stream_has_files(j->env) ||
		logfile_open(&file, path, LOGFILE_MAX, NULL) < 0) {
		logfile_close(&file);
		return;
	}
	if (file_exists(RUN_OWN)) {
		logfile_add_line(&file, uptime_wall(ms), text, size);
	} else {
		while (ring_next(&j->stream->ring, &cursor, &line))
			logfile_add_line(&file, uptime_wall(line.ms), line.text, line.size);
		file_write_atomic(RUN_OWN, 0600, "", 0, NULL);
	}
	logfile_close(&file);
}

static void add(struct journal *j, uint64_t ms, const char *text, size_t size)
{
	if (j->adds)
		return;
	j->adds = true;
	stream_add_line(j->stream, ms, text, size < RING_LINE_MAX ? size : RING_LINE_MAX);
	to_file(j, ms, text, size);
	j->adds = false;
}

static void said(void *ctx, const char *text, size_t size)
{
	add(ctx, uptime_ms(), text, size);
	ownlines_to_kernel(text, size);
}

static void pid1_said(struct loop_source *source, ATTR_UNUSED uint32_t events)
{
	struct journal *j = CONTAINER_OF(source, struct journal, from_pid1);
	struct ownlines_message m;

	for (int i = 0; i < MESSAGES_AT_ONCE; i++) {
		ssize_t n = read(source->fd, &m, sizeof(m));
		ssize_t size = n - (ssize_t)offsetof(struct ownlines_message, text);

		if (size < 0)
			return;
		add(j, m.ms, m.text, (size_t)size);
	}
}

void journal_open(struct journal *j, struct env *env, char **kept)
{
	int fd = kept_take(kept, OWNLINES_KEPT, OWN_NAME);

	*j = (struct journal){.env = env, .from_pid1 = {fd, pid1_said}};
	j->stream = stream_new(env, OWN_NAME, key, RING_SIZE);
	stream_attach(j->stream, kept_take(kept, "log", key), -1);
	if (fd >= 0)
		loop_add(env->loop, &j->from_pid1, EPOLLIN);
	console_tap(said, j);
}

void journal_close(struct journal *j)
{
	console_tap(NULL, NULL);
	loop_close(j->env->loop, &j->from_pid1);
}
