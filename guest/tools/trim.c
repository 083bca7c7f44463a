/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/trim.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/io.h"
#include "base/mem.h"
#include "common/socket.h"
#include "tools/args.h"
#include "tools/runtool.h"

enum { RETRY_MS = 1000, AT_ONCE = 4096 };
/*
 * Docker's Engine API, GET /events, since 1.24. It sends nothing else than the events of the
 * filter, {"type":["image"],"event":["delete"]}; in HTTP/1.0, so that nothing stands between them.
 */
static const char request[] =
	"GET /v1.24/events?filters="
	"%7B%22type%22%3A%5B%22image%22%5D%2C%22event%22%3A%5B%22delete%22%5D%7D"
	" HTTP/1.0\r\nHost: docker\r\n\r\n";

/* ---- the command line ---- */

int trim_parse(int argc, char **argv, struct strv *words, struct trim *ret, struct werr **err)
{
	const char *delay = NULL, *every = NULL;
	const struct arg options[] = {
		{"delay", ARG_TEXT, &delay},
		{"every", ARG_TEXT, &every},
		{"socket", ARG_TEXT, &ret->socket},
		{0},
	};
	int r = args_parse(options, argc, argv, words, err);

	if (r == 0)
		r = args_duration("-delay", delay ? delay : "10s", &ret->delay_ms, err);
	if (r == 0 && every)
		r = args_duration("-every", every, &ret->every_ms, err);
	if (r < 0)
		return r;
	if (!ret->socket)
		ret->socket = "/var/run/docker.sock";
	if (words->n && words->items[0][0] == '/')
		return 0;
	r = werr_set(err, WERR_USAGE, "a command is needed, as a path with its arguments");
	werr_hint(err, "usage: trim-after-delete [-delay 10s | -every 168h] -- /sbin/fstrim /var");
	return r;
}

/* ---- Docker ---- */

int trim_take(struct trim_answer *a, const char *p, size_t size, struct werr **err)
{
	size_t n = size < TRIM_HEAD_MAX - 1 - a->size ? size : TRIM_HEAD_MAX - 1 - a->size;
	const char *end;

	if (a->has_ended)
		return size != 0;
	memcpy(a->head + a->size, p, n);
	a->size += n;
	a->head[a->size] = 0;
	end = memmem(a->head, a->size, "\r\n\r\n", 4);
	if (!end && a->size < TRIM_HEAD_MAX - 1)
		return 0;
	if (!end || !str_after(a->head, "HTTP/1.") || !str_after(a->head + 8, " 200"))
		return werr_set(err, WERR_INVALID, "it does not answer as Docker does");
	a->has_ended = true;
	return (size_t)(end + 4 - a->head) < a->size || n < size;
}

static int connect_to(const char *path, struct werr **err)
{
	int fd = socket_connect(path, SOCK_STREAM);
	int r = fd < 0 ? fd : fd_write_all(fd, request, sizeof(request) - 1);

	if (r == 0)
		return fd;
	fd_cleanup(&fd);
	return werr_errno(err, -r, "can't ask Docker at %s", path);
}

static void run(const struct strv *words)
{
	CLEANUP(free) const char **argv = runtool_argv(words);
	CLEANUP(werr) struct werr *err = NULL;

	if (runtool(argv, NULL, &err) < 0)
		args_report("trim-after-delete", err);
	fflush(stdout);
}

/* Until it hangs up. due: when the command is to run next, or 0. */
static int follow(
	const struct trim *t, int fd, const struct strv *words, uint64_t *due, struct werr **err)
{
	CLEANUP(free) struct trim_answer *a = mem_new(struct trim_answer);
	char bytes[AT_ONCE];

	for (;;) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		uint64_t now = clock_ms();
		ssize_t n;
		int r;

		if (*due && now >= *due) {
			*due = 0;
			run(words);
			continue;
		}
		r = poll(&p, 1, *due ? (int)(*due - now) : -1);
		if (r <= 0)
			continue;
		n = read(fd, bytes, sizeof(bytes));
		if (n <= 0)
			return werr_set(err, WERR_FAILED, "Docker has hung up");
		r = trim_take(a, bytes, (size_t)n, err);
		if (r < 0)
			return r;
		if (r && !*due)
			*due = clock_ms() + t->delay_ms;
	}
}

static void pause_ms(uint64_t ms)
{
	struct timespec pause = {(time_t)(ms / 1000), (long)(ms % 1000) * 1000000};

	nanosleep(&pause, NULL);
}

static void after_deletes(const struct trim *t, const struct strv *words)
{
	CLEANUP(free) char *last = NULL;
	uint64_t due = 0;

	for (;; pause_ms(RETRY_MS)) {
		CLEANUP(werr) struct werr *err = NULL;
		CLEANUP(fd) int fd = connect_to(t->socket, &err);

		if (fd >= 0)
			follow(t, fd, words, &due, &err);
		/* Docker may start later, and again: once for each reason will do. */
		if (!last || !str_eq(last, err->message))
			args_report("trim-after-delete", err);
		free(last);
		last = str_dup(err->message);
	}
}

static void every_so_often(const struct trim *t, const struct strv *words)
{
	for (;; run(words))
		pause_ms(t->every_ms);
}

int trim_main(int argc, char **argv)
{
	CLEANUP(strv) struct strv words = {0};
	CLEANUP(werr) struct werr *err = NULL;
	struct trim t = {0};

	if (trim_parse(argc, argv, &words, &t, &err) == 0) {
		if (t.every_ms)
			every_so_often(&t, &words);
		else
			after_deletes(&t, &words);
	}
	return args_report("trim-after-delete", err);
}
