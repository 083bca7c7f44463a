/* SPDX-License-Identifier: Apache-2.0 */
#include "log/stream.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"
#include "common/console.h"
#include "common/kept.h"
#include "common/uptime.h"
#include "log/syslog.h"

enum { CHUNK = 16 * 1024, CHUNKS_AT_ONCE = 4 };

/*
 * Many streams stay empty, so it is created for the first bytes. Without a ring the output is read
 * and discarded.
 */
static void need_ring(struct stream *s)
{
	struct werr *err = NULL;

	if (s->ring.head || s->no_ring)
		return;
	s->no_ring = ring_new(&s->ring, s->size, &err) < 0;
	if (s->no_ring) {
		console_error(&err, s->name, "continuing without a log");
		return;
	}
	s->file.lost = ring_lost(&s->ring);
	if (s->key)
		kept_put(s->env->channel, "log", s->key, s->ring.fd);
}

static void add_line(struct stream *s, uint64_t ms, const char *text, size_t size, bool more)
{
	ring_add(&s->ring, ms, text, size, more);
	s->env->fresh = true;
	if (s->console)
		console_show("%s: %.*s", s->name,
			(int)(size && text[size - 1] == '\r' ? size - 1 : size), text);
	if (s->file.open)
		filequeue_add(s->env->files, &s->file, ms, text, size);
	if (s->env->syslog)
		syslog_send(s->env->syslog, s->name, uptime_wall(ms), text, size);
}

/* What was added is on its way to the file. */
static void is_added(const struct stream *s)
{
	if (s->file.open)
		filequeue_flush(s->env->files);
}

void stream_add_line(struct stream *s, uint64_t ms, const char *text, size_t size)
{
	need_ring(s);
	if (s->ring.head)
		add_line(s, ms, text, size, false);
	is_added(s);
}

/* Log the rest of an unfinished line. */
static void finish_line(struct stream *s)
{
	size_t *pending_size;
	char *pending;

	if (!s->ring.head)
		return;
	pending = ring_pending(&s->ring, &pending_size);
	if (*pending_size)
		add_line(s, uptime_ms(), pending, *pending_size, false);
	*pending_size = 0;
	is_added(s);
}

static void add_bytes(struct stream *s, const char *p, size_t size)
{
	/*
	 * All of it arrived at once; asking for the time of each line can cost more than everything
	 * else.
	 */
	uint64_t ms = uptime_ms();
	size_t *pending_size;
	char *pending;

	need_ring(s);
	if (!s->ring.head)
		return;
	pending = ring_pending(&s->ring, &pending_size);
	while (size) {
		const char *end = memchr(p, '\n', size);
		size_t n = end ? (size_t)(end - p) : size, room = RING_LINE_MAX - *pending_size;

		if (n > room) {
			memcpy(pending + *pending_size, p, room);
			add_line(s, ms, pending, RING_LINE_MAX, true);
			*pending_size = 0;
			p += room;
			size -= room;
			continue;
		}
		if (end && !*pending_size) {
			add_line(s, ms, p, n, false);
		} else {
			memcpy(pending + *pending_size, p, n);
			*pending_size += n;
		}
		if (end && *pending_size) {
			add_line(s, ms, pending, *pending_size, false);
			*pending_size = 0;
		}
		n += end != NULL;
		p += n;
		size -= n;
	}
}

/* From here on lines are text, which a NUL would end for those who read it. */
void stream_add(struct stream *s, const char *p, size_t size)
{
	static const char nul[] = "\\x00";

	while (size) {
		const char *end = memchr(p, 0, size);
		size_t n = end ? (size_t)(end - p) : size;

		add_bytes(s, p, n);
		if (end)
			add_bytes(s, nul, strlen(nul));
		n += end != NULL;
		p += n;
		size -= n;
	}
	is_added(s);
}

static void release(struct stream *s)
{
	finish_line(s);
	loop_close(s->env->loop, &s->source);
	if (s->key)
		kept_drop(s->env->channel, "out", s->key);
	s->file.open = false;
}

/*
 * Bounded, so that one endless writer does not keep the supervisor from the others. True: the end
 * was reached.
 */
static bool read_some(struct stream *s, int chunks)
{
	char chunk[CHUNK];

	while (s->source.fd >= 0 && chunks-- > 0) {
		ssize_t n = read(s->source.fd, chunk, sizeof(chunk));

		if (n <= 0)
			return n == 0;
		stream_add(s, chunk, (size_t)n);
		if ((size_t)n < sizeof(chunk))
			return false;
	}
	return false;
}

static void ready(struct loop_source *source, ATTR_UNUSED uint32_t events)
{
	struct stream *s = CONTAINER_OF(source, struct stream, source);

	if (read_some(s, CHUNKS_AT_ONCE))
		release(s);
}

static void file_answered(struct filequeue_file *f, const struct filequeue_answer *a)
{
	f->open = a->taken;
	if (*a->error)
		console_line("%s: %s; continuing without a file", f->name, a->error);
}

struct stream *stream_new(struct env *env, const char *name, const char *key, size_t size)
{
	struct stream *s = mem_new(struct stream);

	*s = (struct stream){.env = env,
		.name = str_dup(name),
		.key = str_dup(key),
		.size = size,
		.ring = RING_NONE,
		.source = {-1, ready},
		.file.answered = file_answered};
	s->file.name = s->name;
	if (env->files)
		filequeue_include(env->files, &s->file);
	mem_grow(&env->streams, env->n_streams, &env->cap_streams, sizeof(struct stream *));
	env->streams[env->n_streams++] = s;
	return s;
}

void stream_free(struct stream *s)
{
	struct env *env = s->env;

	for (size_t i = 0; i < env->n_streams; i++)
		if (env->streams[i] == s) {
			memmove(&env->streams[i], &env->streams[i + 1],
				(env->n_streams - i - 1) * sizeof(struct stream *));
			env->n_streams--;
			break;
		}
	loop_close(env->loop, &s->source);
	if (env->files)
		filequeue_remove(env->files, &s->file);
	ring_close(&s->ring);
	free(s->name);
	free(s->key);
	free(s);
}

/* Until it is known that there is no file, lines go there. */
static void open_file(struct stream *s)
{
	if (!s->key || !s->env->files || s->file.open)
		return;
	s->file.open = true;
	filequeue_ask(s->env->files, &s->file);
}

static void watch(struct stream *s, int fd)
{
	loop_close(s->env->loop, &s->source);
	open_file(s);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	s->source.fd = fd;
	loop_add(s->env->loop, &s->source, EPOLLIN);
}

void stream_begin(struct stream *s, int fd)
{
	finish_line(s);
	s->began = ring_end(&s->ring);
	watch(s, fd);
	if (s->key)
		kept_put(s->env->channel, "out", s->key, fd);
}

void stream_attach(struct stream *s, int ring, int fd)
{
	if (ring >= 0 && ring_attach(&s->ring, ring, NULL) < 0)
		s->ring = RING_NONE;
	if (s->ring.head)
		s->file.lost = ring_lost(&s->ring);
	if (fd >= 0)
		watch(s, fd);
}

void stream_end(struct stream *s)
{
	if (s->source.fd < 0)
		return;
	/* As much as a pipe holds. */
	read_some(s, CHUNKS_AT_ONCE * 4);
	release(s);
}

char *stream_last(const struct stream *s, unsigned n)
{
	CLEANUP(buf) struct buf out = BUF_INIT(16 * 1024);
	uint64_t cursor = ring_last(&s->ring, n, s->began);
	struct ring_line line;

	while (ring_next(&s->ring, &cursor, &line)) {
		for (size_t i = 0; i < line.size; i++)
			if ((unsigned char)line.text[i] < ' ' || line.text[i] == 127)
				line.text[i] = ' ';
		if (line.size)
			buf_printf(&out, "%s%s", out.len ? " / " : "", line.text);
	}
	return buf_steal(&out);
}
