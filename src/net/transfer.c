/* SPDX-License-Identifier: Apache-2.0 */
#include "net/transfer.h"

#include <errno.h>
#include <time.h>

#include "base/cancel.h"
#include "base/clock.h"
#include "base/mem.h"

enum {
	TICK_MS = 100,
	POLL_MS = 1000,
	FINAL_STATUS = 200, /* 1xx is followed by the answer: RFC 9110, 15.2 */
};

/* ---- the loop's side ---- */

enum command { COMMAND_START, COMMAND_RESUME, COMMAND_REMOVE };

static bool take_command(struct transfer *t, enum command *ret)
{
	bool *const flags[] = {&t->start, &t->resume, &t->remove};

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (*flags[i]) {
			*flags[i] = false;
			*ret = (enum command)i;
			return true;
		}
	return false;
}

/* The next command. libcurl may call back while it is carried out, so the lock is not held
 * then. */
static struct transfer *next_command(struct net *n, enum command *ret)
{
	struct transfer *found = NULL;

	pthread_mutex_lock(&n->lock);
	for (struct transfer *t = n->transfers; t && !found; t = t->next)
		if (take_command(t, ret))
			found = t;
	pthread_mutex_unlock(&n->lock);
	return found;
}

static void finish(struct transfer *t, CURLcode result)
{
	long proxy_status = 0;
	curl_off_t handshake = 0;

	t->net->curl.easy_getinfo(t->easy, CURLINFO_HTTP_CONNECTCODE, &proxy_status);
	t->net->curl.easy_getinfo(t->easy, CURLINFO_APPCONNECT_TIME_T, &handshake);
	t->net->curl.easy_getinfo(t->easy, CURLINFO_OS_ERRNO, &t->os_error);
	pthread_mutex_lock(&t->net->lock);
	t->result = result;
	t->proxy_status = (int)proxy_status;
	t->tls = handshake > 0;
	t->done = true;
	pthread_cond_broadcast(&t->changed);
	pthread_mutex_unlock(&t->net->lock);
}

static void unlink_transfer(struct net *n, struct transfer *t)
{
	struct transfer **at = &n->transfers;

	while (*at != t)
		at = &(*at)->next;
	*at = t->next;
}

static void remove_transfer(struct net *n, struct transfer *t)
{
	/* Do not wait for a name that is still being looked up. */
	if (t->added) {
		n->curl.easy_setopt(t->easy, CURLOPT_QUICK_EXIT, 1L);
		n->curl.multi_remove_handle(n->multi, t->easy);
	}
	pthread_mutex_lock(&n->lock);
	unlink_transfer(n, t);
	t->removed = true;
	pthread_cond_broadcast(&t->changed);
	pthread_mutex_unlock(&n->lock);
}

static void obey(struct net *n, struct transfer *t, enum command command)
{
	switch (command) {
	case COMMAND_START:
		t->added = n->curl.multi_add_handle(n->multi, t->easy) == CURLM_OK;
		if (!t->added)
			finish(t, CURLE_FAILED_INIT);
		break;
	case COMMAND_RESUME:
		n->curl.easy_pause(t->easy, CURLPAUSE_CONT);
		break;
	case COMMAND_REMOVE:
		remove_transfer(n, t);
		break;
	}
}

static void collect_results(struct net *n)
{
	CURLMsg *message;
	int left;

	while ((message = n->curl.multi_info_read(n->multi, &left))) {
		char *transfer = NULL;

		if (message->msg != CURLMSG_DONE)
			continue;
		n->curl.easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
		finish((struct transfer *)(void *)transfer, message->data.result);
	}
}

static bool stopped(struct net *n)
{
	bool stop;

	pthread_mutex_lock(&n->lock);
	stop = n->stop && !n->transfers;
	pthread_mutex_unlock(&n->lock);
	return stop;
}

void *transfer_loop(void *net)
{
	struct net *n = net;

	while (!stopped(n)) {
		struct transfer *t;
		enum command command;
		int running;

		while ((t = next_command(n, &command)))
			obey(n, t, command);
		n->curl.multi_perform(n->multi, &running);
		collect_results(n);
		n->curl.multi_poll(n->multi, NULL, 0, POLL_MS, NULL);
	}
	return NULL;
}

/* A line of the header; a status line starts it over, for instance after "100 Continue". */
size_t transfer_take_head(char *p, size_t size, size_t n, void *transfer)
{
	struct transfer *t = transfer;
	size_t bytes = size * n;
	long status = 0;

	t->net->curl.easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	pthread_mutex_lock(&t->net->lock);
	if (!t->answered) {
		if (bytes > 5 && memcmp(p, "HTTP/", 5) == 0)
			buf_truncate(&t->head, 0);
		else
			buf_add(&t->head, p, bytes);
		t->status = (int)status;
		t->too_large = buf_error(&t->head) < 0;
		if (status >= FINAL_STATUS && bytes <= 2 && (*p == '\r' || *p == '\n')) {
			t->answered = true;
			pthread_cond_broadcast(&t->changed);
		}
	}
	if (t->too_large)
		bytes = 0;
	pthread_mutex_unlock(&t->net->lock);
	return bytes;
}

static void put_window(struct transfer *t, const char *p, size_t size)
{
	size_t at = (t->first + t->fill) % TRANSFER_WINDOW;
	size_t head = TRANSFER_WINDOW - at < size ? TRANSFER_WINDOW - at : size;

	memcpy(t->window + at, p, head);
	memcpy(t->window, p + head, size - head);
	t->fill += size;
}

size_t transfer_take_body(char *p, size_t size, size_t n, void *transfer)
{
	struct transfer *t = transfer;
	size_t bytes = size * n;

	pthread_mutex_lock(&t->net->lock);
	if (!t->window)
		t->window = mem_alloc(TRANSFER_WINDOW);
	if (bytes > TRANSFER_WINDOW - t->fill) {
		t->paused = true;
		bytes = CURL_WRITEFUNC_PAUSE;
	} else {
		put_window(t, p, bytes);
		pthread_cond_broadcast(&t->changed);
	}
	pthread_mutex_unlock(&t->net->lock);
	return bytes;
}

size_t transfer_give_body(char *p, size_t size, size_t n, void *transfer)
{
	struct transfer *t = transfer;
	size_t got = 0;

	if (cancel_requested() || reader_read(t->body, p, size * n, &got, &t->body_error) < 0)
		return CURL_READFUNC_ABORT;
	pthread_mutex_lock(&t->net->lock);
	t->sent += got;
	pthread_cond_broadcast(&t->changed);
	pthread_mutex_unlock(&t->net->lock);
	return got;
}

/*
 * Nobody reads what has arrived, or a server that may work for minutes has received everything and
 * is working.
 */
static bool is_not_slow(struct transfer *t, curl_off_t downloaded, curl_off_t uploaded)
{
	bool paused;

	pthread_mutex_lock(&t->net->lock);
	paused = t->paused;
	pthread_mutex_unlock(&t->net->lock);
	return paused || (t->patient && !downloaded && (uint64_t)uploaded >= t->body_size);
}

int transfer_meter(void *transfer, ATTR_UNUSED curl_off_t download_total, curl_off_t downloaded,
	ATTR_UNUSED curl_off_t upload_total, curl_off_t uploaded)
{
	struct transfer *t = transfer;
	uint64_t now = clock_ms(), limit = (uint64_t)t->slow_seconds * 1000;
	curl_off_t moved = downloaded + uploaded;

	if (is_not_slow(t, downloaded, uploaded) || !t->metered_since) {
		t->metered_since = now;
		t->metered = moved;
	}
	if (now - t->metered_since < limit)
		return 0;
	if (moved - t->metered < (curl_off_t)t->slow_seconds * TRANSFER_SLOWEST) {
		pthread_mutex_lock(&t->net->lock);
		t->too_slow = true;
		pthread_mutex_unlock(&t->net->lock);
		return 1;
	}
	t->metered_since = now;
	t->metered = moved;
	return 0;
}

/* ---- the other side ---- */

static void wake(struct net *n)
{
	n->curl.multi_wakeup(n->multi);
}

void transfer_start(struct transfer *t)
{
	struct net *n = t->net;

	t->started = true;
	pthread_mutex_lock(&n->lock);
	t->start = true;
	t->next = n->transfers;
	n->transfers = t;
	pthread_mutex_unlock(&n->lock);
	wake(n);
}

/* Called with the lock. Ctrl-C wakes no thread, so it is checked now and then. */
static int wait_change(struct transfer *t, struct werr **err)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += TICK_MS * 1000000L;
	if (until.tv_nsec >= 1000000000L) {
		until.tv_nsec -= 1000000000L;
		until.tv_sec++;
	}
	pthread_cond_timedwait(&t->changed, &t->net->lock, &until);
	return cancel_check(err);
}

int transfer_wait(struct transfer *t, struct werr **err)
{
	int r = cancel_check(err);

	pthread_mutex_lock(&t->net->lock);
	while (r == 0 && !t->answered && !t->done)
		r = wait_change(t, err);
	pthread_mutex_unlock(&t->net->lock);
	return r;
}

int transfer_wait_sent(struct transfer *t, struct werr **err)
{
	uint64_t since = clock_ms();
	uint64_t before;
	int r = 0;

	pthread_mutex_lock(&t->net->lock);
	before = t->sent;
	while (r == 0 && t->sent < t->body_size && !t->done &&
		clock_ms() - since < TRANSFER_STUCK_MS) {
		r = wait_change(t, err);
		if (t->sent > before) {
			before = t->sent;
			since = clock_ms();
		}
	}
	pthread_mutex_unlock(&t->net->lock);
	return r;
}

static void get_window(struct transfer *t, char *p, size_t size)
{
	size_t head = TRANSFER_WINDOW - t->first < size ? TRANSFER_WINDOW - t->first : size;

	memcpy(p, t->window + t->first, head);
	memcpy(p + head, t->window, size - head);
	t->first = (t->first + size) % TRANSFER_WINDOW;
	t->fill -= size;
}

int transfer_read(struct transfer *t, void *p, size_t size, size_t *got, struct werr **err)
{
	bool resume = false;
	int r = cancel_check(err);

	*got = 0;
	pthread_mutex_lock(&t->net->lock);
	while (r == 0 && t->fill == 0 && !t->done)
		r = wait_change(t, err);
	if (r == 0 && t->fill > 0) {
		*got = size < t->fill ? size : t->fill;
		get_window(t, p, *got);
		/* Do not resume for every few bytes. */
		resume = t->paused && t->fill <= TRANSFER_WINDOW / 2;
		if (resume) {
			t->paused = false;
			t->resume = true;
		}
	}
	pthread_mutex_unlock(&t->net->lock);
	if (resume)
		wake(t->net);
	return r;
}

void transfer_remove(struct transfer *t)
{
	struct net *n = t->net;

	pthread_mutex_lock(&n->lock);
	t->remove = true;
	wake(n);
	while (!t->removed)
		pthread_cond_wait(&t->changed, &n->lock);
	pthread_mutex_unlock(&n->lock);
}
