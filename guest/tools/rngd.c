/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/rngd.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/random.h>
#include <time.h>

#include "base/mem.h"
#include "init/entropy.h"
#include "tools/args.h"

enum { AGAIN_SECONDS = 600 };

/* Returns when the kernel's generator is seeded, and from then on at once. */
static int wait_until_ready(struct werr **err)
{
	char byte;
	ssize_t n;

	do
		n = getrandom(&byte, sizeof(byte), 0);
	while (n < 0 && errno == EINTR);
	return n < 0 ? werr_errno(err, errno, "can't get random numbers") : 0;
}

static int feed(bool first, struct werr **err)
{
	bool credited = entropy_hardware();
	int r = wait_until_ready(err);

	if (r == 0 && first)
		printf("rngd: the kernel's random numbers are ready; %s\n",
			credited ? "bytes of /dev/hwrng were credited"
				 : "there is no /dev/hwrng to credit bytes of");
	fflush(stdout);
	return r;
}

/* False: it was asked to end. */
static bool pause_for(const sigset_t *ends, time_t seconds)
{
	const struct timespec limit = {.tv_sec = seconds};

	return sigtimedwait(ends, NULL, &limit) < 0;
}

int rngd_main(int argc, char **argv)
{
	bool once = false;
	CLEANUP(strv) struct strv words = {0};
	CLEANUP(werr) struct werr *err = NULL;
	const struct arg options[] = {{"1", ARG_FLAG, &once}, {0}};
	sigset_t ends;
	int r = args_parse(options, argc, argv, &words, &err);

	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	sigprocmask(SIG_BLOCK, &ends, NULL);
	if (r == 0 && words.n)
		r = werr_set(&err, WERR_USAGE, "'%s' is one word too many", words.items[0]);
	if (r == 0)
		r = feed(true, &err);
	while (r == 0 && !once && pause_for(&ends, AGAIN_SECONDS))
		r = feed(false, &err);
	return args_report("rngd", err);
}
