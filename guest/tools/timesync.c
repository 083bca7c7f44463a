/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/timesync.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "common/rtc.h"
#include "tools/args.h"
#include "tools/vsock.h"

int timesync_parse(int argc, char **argv, struct timesync *ret, struct werr **err)
{
	struct timesync t = {0};
	const char *port = NULL;
	CLEANUP(strv) struct strv words = {0};
	const struct arg options[] = {
		{"port", ARG_TEXT, &port}, {"local", ARG_FLAG, &t.local}, {0}};
	int r = args_parse(options, argc, argv, &words, err);

	if (r == 0 && words.n)
		r = werr_set(err, WERR_USAGE, "'%.80s' is one word too many", words.items[0]);
	if (r == 0 && !port) {
		r = werr_set(err, WERR_USAGE, "there is no -port");
		werr_hint(err, "usage: host-timesync-daemon -port 0xf3a4 [-local]");
	}
	if (r == 0)
		r = vsock_port_parse("-port", port, &t.port, err);
	if (r == 0)
		*ret = t;
	return r;
}

/* The hardware clock has no fractions: what is nearer than a second is as good. */
static int set_clock(struct werr **err)
{
	struct timespec now, then = {0};
	int64_t seconds;
	int r = rtc_read(&seconds);

	if (r < 0)
		return werr_errno(err, -r, "can't read /dev/rtc0");
	clock_gettime(CLOCK_REALTIME, &now);
	if (now.tv_sec >= seconds - 1 && now.tv_sec <= seconds + 1)
		return 0;
	then.tv_sec = (time_t)seconds;
	if (clock_settime(CLOCK_REALTIME, &then) < 0)
		return werr_errno(err, errno, "can't set the clock");
	printf("host-timesync-daemon: the clock was %" PRId64 " s off\n",
		(int64_t)now.tv_sec - seconds);
	fflush(stdout);
	return 0;
}

static void serve(int listener, bool local)
{
	struct pollfd wanted = {.fd = listener, .events = POLLIN};

	for (;;) {
		CLEANUP(fd) int fd = poll(&wanted, 1, -1) > 0 ? vsock_accept(listener, local) : -1;
		CLEANUP(werr) struct werr *err = NULL;

		if (fd == -EACCES)
			fprintf(stderr, "host-timesync-daemon: a connection that is not the host's "
					"was closed\n");
		if (fd >= 0 && set_clock(&err) < 0)
			args_report("host-timesync-daemon", err);
	}
}

static void end(ATTR_UNUSED int signal)
{
	_exit(0);
}

int timesync_main(int argc, char **argv)
{
	CLEANUP(werr) struct werr *err = NULL;
	CLEANUP(fd) int listener = -1;
	struct timesync t = {0};

	signal(SIGTERM, end);
	signal(SIGINT, end);
	if (timesync_parse(argc, argv, &t, &err) == 0)
		listener = vsock_listen(t.port, &err);
	if (listener >= 0)
		serve(listener, t.local);
	return args_report("host-timesync-daemon", err);
}
