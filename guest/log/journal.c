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
 * The file begins with all lines since the boot, as the disk comes later than they do: until there
 * is one, each line asks for it.
 */
static void ask_for_file(struct journal *j)
{
	struct filequeue_file *f = &j->stream->file;

	j->more = f->question;
	if (j->env->files && !f->open && !f->question)
		filequeue_ask(j->env->files, f);
}

static void file_answered(struct filequeue_file *f, const struct filequeue_answer *a)
{
	struct stream *s = CONTAINER_OF(f, struct stream, file);
	struct journal *j = f->ctx;
	struct ring_line line;
	uint64_t cursor = 0;

	f->open = a->taken;
	if (!f->open) {
		if (j->more)
			ask_for_file(j);
		return;
	}
	while (ring_next(&s->ring, &cursor, &line))
		filequeue_add(s->env->files, f, line.ms, line.text, line.size);
	filequeue_flush(s->env->files);
	file_write_atomic(RUN_OWN, 0600, "", 0, NULL);
}

static void add(struct journal *j, uint64_t ms, const char *text, size_t size)
{
	if (j->adds)
		return;
	j->adds = true;
	stream_add_line(j->stream, ms, text, size < RING_LINE_MAX ? size : RING_LINE_MAX);
	ask_for_file(j);
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
	j->stream->file.ctx = j;
	j->stream->file.answered = file_answered;
	j->stream->file.open = env->files && file_exists(RUN_OWN);
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
