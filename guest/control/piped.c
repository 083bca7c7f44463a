/* SPDX-License-Identifier: Apache-2.0 */
#include "control/piped.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/mem.h"

enum {
	TELL_FROM = OUTSIDE_WINDOW / 4,
	DRAIN_MAX = 128 << 10, /* of what others may go on to write, twice what a pipe has */
	CTRL_D = 4,
};

/* ---- input ---- */

static void tell(struct piped *p)
{
	if (!p->untold || (p->input.len && p->untold < TELL_FROM))
		return;
	outside_frame_add_taken(p->to, p->untold);
	p->untold = 0;
	p->added(p);
}

/* The program takes no more; what it has not taken counts as taken, as more would. */
static void end_input(struct piped *p)
{
	p->untold += p->input.len - p->sent;
	buf_clear(&p->input);
	p->sent = 0;
	loop_close(p->loop, &p->in);
}

static void write_in(struct piped *p)
{
	while (p->in.fd >= 0 && p->sent < p->input.len) {
		ssize_t n = write(p->in.fd, p->input.data + p->sent, p->input.len - p->sent);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN) {
			loop_change(p->loop, &p->in, EPOLLOUT | EPOLLONESHOT);
			break;
		}
		if (n < 0) {
			end_input(p);
			break;
		}
		p->sent += (size_t)n;
		p->untold += (size_t)n;
	}
	if (p->sent == p->input.len) {
		buf_clear(&p->input);
		p->sent = 0;
		if (p->ends)
			loop_close(p->loop, &p->in);
	}
	tell(p);
}

static void in_ready(struct loop_source *source, uint32_t events)
{
	struct piped *p = CONTAINER_OF(source, struct piped, in);

	if (events & EPOLLERR)
		end_input(p);
	write_in(p);
}

/* The room that is promised is for what has not been taken, so what has been makes room. */
static bool add_input(struct piped *p, const struct buf *bytes)
{
	if (p->sent) {
		memmove(p->input.data, p->input.data + p->sent, p->input.len - p->sent);
		buf_truncate(&p->input, p->input.len - p->sent);
		p->sent = 0;
	}
	if (!bytes->len && p->terminal)
		buf_putc(&p->input, CTRL_D);
	else if (!bytes->len)
		p->ends = true;
	else if (p->ends || p->in.fd < 0)
		p->untold += bytes->len;
	else
		buf_add(&p->input, bytes->data, bytes->len);
	if (buf_error(&p->input) < 0)
		return false;
	write_in(p);
	return true;
}

bool piped_take(struct piped *p, const struct outside_frame *f)
{
	struct winsize size = {
		.ws_row = (unsigned short)f->rows, .ws_col = (unsigned short)f->columns};

	if (!p->open)
		return true;
	if (f->kind == OUTSIDE_IN)
		return add_input(p, &f->bytes);
	if (f->kind == OUTSIDE_SIZE && p->terminal && p->out[0].fd >= 0)
		ioctl(p->out[0].fd, TIOCSWINSZ, &size);
	return true;
}

/* ---- output ---- */

/* How much there was. */
static size_t read_out(struct piped *p, struct loop_source *source)
{
	char bytes[OUTSIDE_DATA_MAX];
	ssize_t n = source->fd < 0 ? -1 : read(source->fd, bytes, sizeof(bytes));

	if (n > 0)
		outside_frame_add_bytes(
			p->to, source == &p->out[0] ? OUTSIDE_OUT : OUTSIDE_ERR, bytes, (size_t)n);
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		loop_close(p->loop, source);
	return n > 0 ? (size_t)n : 0;
}

static void stdout_ready(struct loop_source *source, ATTR_UNUSED uint32_t events)
{
	struct piped *p = CONTAINER_OF(source, struct piped, out[0]);

	read_out(p, source);
	p->added(p);
}

static void stderr_ready(struct loop_source *source, ATTR_UNUSED uint32_t events)
{
	struct piped *p = CONTAINER_OF(source, struct piped, out[1]);

	read_out(p, source);
	p->added(p);
}

void piped_go_on(struct piped *p)
{
	for (size_t i = 0; p->open && i < ARRAY_SIZE(p->out); i++)
		if (p->out[i].fd >= 0)
			loop_change(p->loop, &p->out[i], EPOLLIN | EPOLLONESHOT);
}

void piped_drain(struct piped *p)
{
	for (size_t i = 0; p->open && i < ARRAY_SIZE(p->out); i++)
		for (size_t n, all = 0; all < DRAIN_MAX && (n = read_out(p, &p->out[i])) > 0;)
			all += n;
}

/* ---- opening and closing ---- */

void piped_init(struct piped *p, int loop, struct buf *to, void (*added)(struct piped *p))
{
	*p = (struct piped){.loop = loop,
		.to = to,
		.added = added,
		.in = {-1, in_ready},
		.out = {{-1, stdout_ready}, {-1, stderr_ready}},
		.input = BUF_INIT(OUTSIDE_WINDOW)};
}

/* A pipe whose end for us, 0 or 1, does not wait. */
static int open_pipe(int our_end, int *ours, int *theirs)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	*ours = ends[our_end];
	*theirs = ends[!our_end];
	return fcntl(*ours, F_SETFL, O_NONBLOCK);
}

static int open_pipes(struct piped *p, int theirs[static 3])
{
	if (open_pipe(1, &p->in.fd, &theirs[0]) < 0 || open_pipe(0, &p->out[0].fd, &theirs[1]) < 0)
		return -1;
	return open_pipe(0, &p->out[1].fd, &theirs[2]);
}

static int open_terminal(struct piped *p, int theirs[static 3])
{
	int unlock = 0, master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);

	p->out[0].fd = master;
	if (master < 0 || ioctl(master, TIOCSPTLCK, &unlock) < 0)
		return -1;
	p->in.fd = fcntl(master, F_DUPFD_CLOEXEC, 0);
	theirs[0] = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (p->in.fd < 0 || theirs[0] < 0)
		return -1;
	for (size_t i = 1; i < 3; i++)
		if ((theirs[i] = fcntl(theirs[0], F_DUPFD_CLOEXEC, 0)) < 0)
			return -1;
	return 0;
}

static int watch(struct piped *p)
{
	int r = loop_add(p->loop, &p->in, EPOLLONESHOT);

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(p->out); i++)
		if (p->out[i].fd >= 0)
			r = loop_add(p->loop, &p->out[i], EPOLLIN | EPOLLONESHOT);
	return r;
}

int piped_open(struct piped *p, bool terminal, int theirs[static 3])
{
	int r;

	for (size_t i = 0; i < 3; i++)
		theirs[i] = -1;
	p->open = true;
	p->terminal = terminal;
	r = (terminal ? open_terminal(p, theirs) : open_pipes(p, theirs)) < 0 ? -errno : watch(p);
	if (r == 0)
		return 0;
	for (size_t i = 0; i < 3; i++)
		if (theirs[i] >= 0)
			close(theirs[i]);
	piped_close(p);
	return r;
}

void piped_close(struct piped *p)
{
	loop_close(p->loop, &p->in);
	for (size_t i = 0; i < ARRAY_SIZE(p->out); i++)
		loop_close(p->loop, &p->out[i]);
	buf_clear(&p->input);
	p->sent = 0;
	p->untold = 0;
	p->open = p->ends = p->terminal = false;
}
