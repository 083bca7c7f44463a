/* SPDX-License-Identifier: Apache-2.0 */
#include "net/start.h"

#include <signal.h>

#include "base/mem.h"
#include "net/internal.h"
#include "net/transfer.h"
#include "net/trust.h"

/* The hosts that registries.conf calls insecure. */
static void note_insecure(struct net *n)
{
	for (size_t i = 0; i < n->registries.n; i++) {
		const struct registry_conf *r = &n->registries.items[i];
		const char *location = r->location ? r->location : r->prefix;

		if (r->insecure)
			strv_take(&n->insecure, str_dup_n(location, strcspn(location, "/")));
		for (size_t m = 0; m < r->n; m++)
			if (r->mirrors[m].insecure)
				strv_take(&n->insecure,
					str_dup_n(r->mirrors[m].location,
						strcspn(r->mirrors[m].location, "/")));
	}
}

static int start(struct net *n, struct werr **err)
{
	sigset_t all, before;
	int r = curl_load(&n->curl, err);

	if (r == 0)
		r = registries_conf_read(&n->registries, err);
	if (r == 0)
		note_insecure(n);
	if (r == 0)
		r = trust_read(n, err);
	if (r < 0)
		return r;
	n->multi = n->curl.multi_init();
	if (!n->multi)
		return werr_set(err, WERR_FAILED, "libcurl can't be used here");
	/* Signals are handled by the main thread. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = -pthread_create(&n->thread, NULL, transfer_loop, n);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (r < 0)
		return werr_errno(err, -r, "can't start a thread");
	n->running = true;
	return 0;
}

int net_load(struct net *n, struct werr **err)
{
	int r = 0;

	pthread_mutex_lock(&n->start_lock);
	if (!n->running)
		r = start(n, err);
	pthread_mutex_unlock(&n->start_lock);
	return r;
}

void net_unload(struct net *n)
{
	if (n->running) {
		pthread_mutex_lock(&n->lock);
		n->stop = true;
		pthread_mutex_unlock(&n->lock);
		n->curl.multi_wakeup(n->multi);
		pthread_join(n->thread, NULL);
	}
	if (n->multi)
		n->curl.multi_cleanup(n->multi);
}
