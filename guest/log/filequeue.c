/* SPDX-License-Identifier: Apache-2.0 */
#include "log/filequeue.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "common/console.h"
#include "common/kept.h"
#include "common/uptime.h"
#include "contract/wherry.h"
#include "log/ring.h"

enum {
	QUEUE_BYTES = 96 << 10, /* in the socket; the kernel doubles it, for what it needs itself */
	PATIENCE_MS = 1000,     /* for room */
	DRAIN_MS = 3000,        /* for the end of the process */
	START_AGAIN_MS = 5000,
	TRIES = 3,
	TIME_MAX = 32, /* bytes before the text of a line */
	LOST_MAX = 64, /* bytes of the text about lost lines */
};
_Static_assert(FILEQUEUE_LINES_MAX >= 2 * TIME_MAX + LOST_MAX + RING_LINE_MAX + 2,
	"a message holds a line, and one about lost ones");

static const char kind[] = "files";

/* ---- the process ---- */

static void watch(struct filequeue *q, int fd)
{
	q->source.fd = fd;
	q->full = false;
	/* An earlier supervisor may have lost lines, which is said as soon as there is room. */
	loop_add(q->loop, &q->source, EPOLLIN | EPOLLOUT);
}

static void lose_process(struct filequeue *q)
{
	loop_close(q->loop, &q->source);
	kept_drop(q->channel, kind, OWN_NAME);
	q->full = false;
	for (struct filequeue_file *f = q->files; f; f = f->next)
		f->question = 0;
}

static int start(struct filequeue *q)
{
	static const int size = QUEUE_BYTES;
	CLEANUP(fd) int ours = -1, theirs = -1;
	int ends[2], r;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return -errno;
	ours = ends[0];
	theirs = ends[1];
	setsockopt(ours, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	r = q->start(theirs);
	if (r < 0)
		return r;
	kept_put(q->channel, kind, OWN_NAME, ours);
	watch(q, fd_steal(&ours));
	return 0;
}

/* Is there a process? One that ends at once is not started for every line. */
static bool has_process(struct filequeue *q)
{
	uint64_t now = uptime_ms();
	int r;

	if (q->source.fd >= 0)
		return true;
	if (q->started && now - q->started < START_AGAIN_MS)
		return false;
	q->started = now;
	r = start(q);
	if (r < 0)
		console_line("can't start what writes to /var/log: %s; continuing without it",
			strerror(-r));
	return r == 0;
}

/* Lines are lost until it has room again. */
static void is_full(struct filequeue *q)
{
	q->full = true;
	loop_change(q->loop, &q->source, EPOLLIN | EPOLLOUT);
}

/* False: it is lost. */
static bool send_message(struct filequeue *q)
{
	size_t size = offsetof(struct filequeue_message, lines) + q->used;

	for (int i = 0; i < TRIES && !q->full && has_process(q); i++) {
		struct pollfd room = {.fd = q->source.fd, .events = POLLOUT};

		if (send(q->source.fd, &q->message, size, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
			return true;
		if (errno == EPIPE || errno == ECONNRESET)
			lose_process(q);
		else if (poll(&room, 1, PATIENCE_MS) <= 0)
			is_full(q);
	}
	return false;
}

/* ---- lines ---- */

static void put_line(struct filequeue *q, uint64_t ms, const char *text, size_t size)
{
	char when[32], *to = q->message.lines + q->used;

	str_format(to, TIME_MAX, "%s ", uptime_text(when, uptime_wall(ms)));
	to += strlen(to);
	memcpy(to, text, size);
	to += size;
	*to++ = '\n';
	q->used = (size_t)(to - q->message.lines);
}

/* Begin a message for the file, with what became of the lines before. */
static void begin(struct filequeue *q, struct filequeue_file *f)
{
	uint32_t lost = f->lost ? *f->lost : 0;
	char text[LOST_MAX];

	q->filling = f;
	q->n = 0;
	q->used = 0;
	q->message.question = 0;
	str_copy(q->message.name, sizeof(q->message.name), f->name);
	if (!lost)
		return;
	str_format(text, sizeof(text), "%" PRIu32 " lines before this one were lost", lost);
	put_line(q, uptime_ms(), text, strlen(text));
}

static void lose(struct filequeue_file *f, unsigned n)
{
	if (f->lost)
		*f->lost += n;
}

void filequeue_flush(struct filequeue *q)
{
	struct filequeue_file *f = q->filling;
	unsigned n = q->n;

	if (!f)
		return;
	/* That there is no process is said, which is another line. */
	q->filling = NULL;
	if (!send_message(q)) {
		lose(f, n);
		f->question = 0;
	} else if (f->lost) {
		*f->lost = 0;
	}
}

void filequeue_add(
	struct filequeue *q, struct filequeue_file *f, uint64_t ms, const char *text, size_t size)
{
	if (q->full) {
		lose(f, 1);
		return;
	}
	if (q->filling && (q->filling != f || q->used + TIME_MAX + size + 1 > FILEQUEUE_LINES_MAX))
		filequeue_flush(q);
	if (!q->filling)
		begin(q, f);
	put_line(q, ms, text, size);
	q->n++;
}

/* ---- questions ---- */

void filequeue_ask(struct filequeue *q, struct filequeue_file *f)
{
	filequeue_flush(q);
	begin(q, f);
	if (++q->questions == 0)
		q->questions++;
	f->question = q->message.question = q->questions;
	filequeue_flush(q);
}

static void hear(struct filequeue *q, struct filequeue_answer *a)
{
	a->error[sizeof(a->error) - 1] = 0;
	for (struct filequeue_file *f = q->files; f; f = f->next) {
		if (!a->question || f->question != a->question)
			continue;
		f->question = 0;
		f->answered(f, a);
		return;
	}
}

static void ready(struct loop_source *source, uint32_t events)
{
	struct filequeue *q = CONTAINER_OF(source, struct filequeue, source);
	struct filequeue_answer a;
	ssize_t n;

	while ((n = recv(source->fd, &a, sizeof(a), MSG_DONTWAIT)) == (ssize_t)sizeof(a))
		hear(q, &a);
	if (n >= 0 || errno != EAGAIN) {
		lose_process(q);
		return;
	}
	if (!(events & EPOLLOUT))
		return;
	q->full = false;
	loop_change(q->loop, source, EPOLLIN);
	for (struct filequeue_file *f = q->files; f; f = f->next)
		if (f->lost && *f->lost) {
			begin(q, f);
			filequeue_flush(q);
		}
}

/* ---- beginning and end ---- */

void filequeue_open(
	struct filequeue *q, int loop, int channel, char **kept, int (*start_process)(int end))
{
	int fd = kept_take(kept, kind, OWN_NAME);

	/* What an earlier supervisor asked may be answered now. */
	*q = (struct filequeue){.loop = loop,
		.channel = channel,
		.start = start_process,
		.source = {-1, ready},
		.questions = (uint32_t)uptime_ms()};
	if (fd >= 0)
		watch(q, fd);
}

void filequeue_close(struct filequeue *q)
{
	uint64_t end = uptime_ms() + DRAIN_MS, now;
	struct pollfd ended = {.events = POLLIN};
	struct filequeue_answer a;

	filequeue_flush(q);
	ended.fd = q->source.fd;
	if (ended.fd < 0)
		return;
	/* Closing is not enough: PID 1 has a copy. */
	shutdown(ended.fd, SHUT_WR);
	while ((now = uptime_ms()) < end && poll(&ended, 1, (int)(end - now)) > 0 &&
		recv(ended.fd, &a, sizeof(a), MSG_DONTWAIT) > 0)
		continue;
	lose_process(q);
}

void filequeue_include(struct filequeue *q, struct filequeue_file *f)
{
	f->next = q->files;
	q->files = f;
}

void filequeue_remove(struct filequeue *q, struct filequeue_file *f)
{
	struct filequeue_file **at = &q->files;

	if (q->filling == f)
		filequeue_flush(q);
	while (*at && *at != f)
		at = &(*at)->next;
	if (*at)
		*at = f->next;
}
