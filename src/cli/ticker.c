/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/ticker.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#include "base/mem.h"

struct ticker {
	pthread_t thread;
	pthread_mutex_t lock; /* for stopped */
	pthread_cond_t changed;
	bool stopped;
	unsigned ms;
	void (*tick)(void *ctx);
	void *ctx;
};

/* False when it was stopped meanwhile. */
static bool pause_for(struct ticker *t)
{
	struct timespec until;
	int r = 0;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += (long)t->ms * 1000000;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	pthread_mutex_lock(&t->lock);
	while (!t->stopped && r == 0)
		r = pthread_cond_clockwait(&t->changed, &t->lock, CLOCK_MONOTONIC, &until);
	r = t->stopped;
	pthread_mutex_unlock(&t->lock);
	return !r;
}

static void *run(void *ctx)
{
	struct ticker *t = ctx;

	while (pause_for(t))
		t->tick(t->ctx);
	return NULL;
}

struct ticker *ticker_start(unsigned ms, void (*tick)(void *ctx), void *ctx)
{
	struct ticker *t = mem_new(struct ticker);
	sigset_t all, before;
	int r;

	*t = (struct ticker){.ms = ms, .tick = tick, .ctx = ctx};
	pthread_mutex_init(&t->lock, NULL);
	pthread_cond_init(&t->changed, NULL);
	/* Signals are for the thread that waits for the user or the network. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = pthread_create(&t->thread, NULL, run, t);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (r == 0)
		return t;
	pthread_cond_destroy(&t->changed);
	pthread_mutex_destroy(&t->lock);
	free(t);
	return NULL;
}

void ticker_stop(struct ticker *t)
{
	if (!t)
		return;
	pthread_mutex_lock(&t->lock);
	t->stopped = true;
	pthread_cond_signal(&t->changed);
	pthread_mutex_unlock(&t->lock);
	pthread_join(t->thread, NULL);
	pthread_cond_destroy(&t->changed);
	pthread_mutex_destroy(&t->lock);
	free(t);
}
