/* SPDX-License-Identifier: Apache-2.0 */
#include "base/pool.h"

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"

enum { THREADS_MAX = 64 };

struct pool {
	pthread_mutex_t lock;
	pool_job *job;
	void *ctx;
	size_t next, n;
	size_t failed; /* the lowest job that failed, or n */
	int result;
	struct werr *error;
};

unsigned pool_processors(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);
#ifdef __linux__
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) == 0)
		n = CPU_COUNT(&set);
#endif
	return n < 1 ? 1 : (unsigned)n;
}

/* Take the next job's number; false when none is left or a job has failed. */
static bool take(struct pool *p, size_t *i)
{
	bool ok;

	pthread_mutex_lock(&p->lock);
	ok = p->next < p->n && p->failed == p->n;
	if (ok)
		*i = p->next++;
	pthread_mutex_unlock(&p->lock);
	return ok;
}

static void *work(void *arg)
{
	struct pool *p = arg;
	size_t i;

	while (take(p, &i)) {
		struct werr *error = NULL;
		int r = p->job(p->ctx, i, &error);

		pthread_mutex_lock(&p->lock);
		if (r < 0 && i < p->failed) {
			p->failed = i;
			p->result = r;
			werr_free(p->error);
			p->error = STEAL(error);
		}
		pthread_mutex_unlock(&p->lock);
		werr_free(error);
	}
	return NULL;
}

int pool_run(unsigned threads, size_t n, pool_job *job, void *ctx, struct werr **err)
{
	struct pool p = {.job = job, .ctx = ctx, .n = n, .failed = n};
	pthread_t ids[THREADS_MAX];
	unsigned started = 0;

	if (threads == 0)
		threads = pool_processors();
	if (threads > THREADS_MAX)
		threads = THREADS_MAX;
	pthread_mutex_init(&p.lock, NULL);
	/*
	 * This thread works as well, so that the jobs run even if no other thread can be started.
	 */
	while (started + 1 < threads && started + 1 < n &&
		pthread_create(&ids[started], NULL, work, &p) == 0)
		started++;
	work(&p);
	while (started > 0)
		pthread_join(ids[--started], NULL);
	pthread_mutex_destroy(&p.lock);
	if (err && p.error)
		*err = p.error;
	else
		werr_free(p.error);
	return p.result;
}
