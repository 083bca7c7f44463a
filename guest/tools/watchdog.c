/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/watchdog.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/watchdog.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "tools/args.h"
#include "tools/runtool.h"

enum { WAIT_MS = 10000, SECOND = 1000, TIMEOUT_MAX = 3600 * SECOND };

static volatile sig_atomic_t ended;

static void on_term(int sig)
{
	ended = sig;
}

/* ---- the command line ---- */

int watchdog_parse(
	int argc, char **argv, struct strv *words, struct watchdog *ret, struct werr **err)
{
	const char *timeout = NULL, *interval = NULL;
	const struct arg options[] = {
		{"device", ARG_TEXT, &ret->device},
		{"timeout", ARG_TEXT, &timeout},
		{"interval", ARG_TEXT, &interval},
		{0},
	};
	int r = args_parse(options, argc, argv, words, err);

	if (r == 0)
		r = args_duration("-timeout", timeout ? timeout : "60s", &ret->timeout_ms, err);
	ret->interval_ms = ret->timeout_ms / 4;
	if (r == 0 && interval)
		r = args_duration("-interval", interval, &ret->interval_ms, err);
	if (r < 0)
		return r;
	if (!ret->device)
		ret->device = "/dev/watchdog";
	if (ret->timeout_ms < 2 * SECOND || ret->timeout_ms > TIMEOUT_MAX)
		return werr_set(err, WERR_USAGE, "-timeout is not between 2s and 1h");
	if (ret->interval_ms == 0 || ret->interval_ms > ret->timeout_ms / 2)
		return werr_set(err, WERR_USAGE, "-interval is more than half of -timeout");
	if (words->n && words->items[0][0] != '/')
		return werr_set(
			err, WERR_USAGE, "the check '%.80s' is not a path", words->items[0]);
	return 0;
}

/* ---- the device ---- */

static int open_device(const struct watchdog *w, int *ret, struct werr **err)
{
	static const struct timespec pause = {.tv_nsec = 100000000};
	uint64_t end = clock_ms() + WAIT_MS;
	int seconds = (int)(w->timeout_ms / SECOND), r;

	/* Its module may be loaded later. */
	while ((*ret = open(w->device, O_WRONLY | O_CLOEXEC)) < 0 && errno == ENOENT &&
		clock_ms() < end && !ended)
		nanosleep(&pause, NULL);
	if (*ret < 0) {
		r = werr_errno(err, errno, "can't open %s", w->device);
		werr_hint(err,
			"the machine needs a watchdog; modprobe softdog loads one in software");
		return r;
	}
	if (ioctl(*ret, WDIOC_SETTIMEOUT, &seconds) < 0)
		printf("watchdog: %s keeps its own timeout\n", w->device);
	else
		printf("watchdog: %s restarts the machine after %d s\n", w->device, seconds);
	fflush(stdout);
	return 0;
}

static void feed(int fd)
{
	if (write(fd, "", 1) < 0)
		perror("watchdog: can't write");
}

/* An orderly end: it does not restart the machine, unless the kernel never lets go (nowayout). */
static void release(int fd)
{
	if (write(fd, "V", 1) < 0)
		perror("watchdog: can't write");
}

/* ---- the loop ---- */

static void say(bool good, bool *was_good, const struct werr *err)
{
	if (good && !*was_good)
		printf("watchdog: the check succeeds again\n");
	if (!good && *was_good)
		printf("watchdog: the check fails, and the machine will be restarted: %s\n",
			err->message);
	fflush(stdout);
	*was_good = good;
}

static void loop(const struct watchdog *w, int fd, const struct strv *words)
{
	CLEANUP(free) const char **argv = runtool_argv(words);
	struct timespec pause = {
		(time_t)(w->interval_ms / SECOND), (long)(w->interval_ms % SECOND) * 1000000};
	bool was_good = true;

	while (!ended) {
		CLEANUP(werr) struct werr *err = NULL;
		bool good = !words->n || runtool_for(argv, w->interval_ms, &err) == 0;

		if (good)
			feed(fd);
		say(good, &was_good, err);
		if (!ended)
			nanosleep(&pause, NULL);
	}
}

int watchdog_main(int argc, char **argv)
{
	struct sigaction term = {.sa_handler = on_term};
	CLEANUP(strv) struct strv words = {0};
	CLEANUP(werr) struct werr *err = NULL;
	struct watchdog w = {0};
	CLEANUP(fd) int fd = -1;
	int r = watchdog_parse(argc, argv, &words, &w, &err);

	sigaction(SIGTERM, &term, NULL);
	sigaction(SIGINT, &term, NULL);
	if (r == 0)
		r = open_device(&w, &fd, &err);
	if (r == 0) {
		loop(&w, fd, &words);
		release(fd);
		printf("watchdog: it is let go\n");
	}
	return args_report("watchdog", err);
}
