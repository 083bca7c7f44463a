/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A transfer: one thread (transfer_loop) moves its bytes with libcurl, and another one waits for
 * them. Fields below "shared" are guarded by net->lock; the rest is set before the transfer is
 * given to the loop.
 */
#ifndef WHERRY_NET_TRANSFER_H
#define WHERRY_NET_TRANSFER_H

#include "base/buf.h"
#include "base/io.h"
#include "net/internal.h"

enum {
	TRANSFER_WINDOW = 256 << 10, /* bytes that have arrived and are not read yet */
	TRANSFER_SLOWEST = 4096,     /* bytes per second, over some minutes */
	TRANSFER_STUCK_MS = 5000,
};

struct transfer {
	struct net *net;
	CURL *easy;
	struct curl_slist *fields;
	char error[CURL_ERROR_SIZE];
	long os_error;       /* errno of the connection that failed; 0: not known */
	struct reader *body; /* what is sent, or NULL; owned */
	uint64_t body_size;
	bool patient;
	long slow_seconds; /* how long it may be too slow; see transfer_meter */
	struct werr *body_error;
	bool started;

	/* ---- shared ---- */
	struct transfer *next;
	pthread_cond_t changed;
	/* What the loop is to do next. */
	bool start, resume, remove;
	bool added, removed;
	/* What has arrived. */
	bool answered; /* the header fields are complete */
	bool too_large, too_slow;
	bool paused;
	uint64_t sent; /* bytes of the body */
	bool done;
	CURLcode result;  /* once done */
	bool tls;         /* its handshake was done */
	int proxy_status; /* of the tunnel that was asked for; 0: none */
	int status;
	struct buf head; /* the header fields, a line each */
	char *window;    /* a ring of TRANSFER_WINDOW bytes, or NULL */
	size_t first, fill;

	/* ---- the loop's alone ---- */
	uint64_t metered_since; /* by clock_ms(); 0: not yet */
	curl_off_t metered;     /* bytes in both directions until then */
};

/* The thread that moves the bytes, until net->stop. */
void *transfer_loop(void *net);

/* Give it to the loop; from here until transfer_remove the loop uses it. */
void transfer_start(struct transfer *t);
/* Wait until the header fields have arrived or it is done. -ECANCELED after Ctrl-C. */
int transfer_wait(struct transfer *t, struct werr **err);
/*
 * After an answer: wait until all of the body is sent, or the server takes no more of it (for
 * TRANSFER_STUCK_MS nothing), or the transfer is done, well or not.
 */
int transfer_wait_sent(struct transfer *t, struct werr **err);
/* Up to size bytes of what has arrived; 0 bytes: it is done. */
int transfer_read(struct transfer *t, void *p, size_t size, size_t *got, struct werr **err);
/* Take it away from the loop. */
void transfer_remove(struct transfer *t);

/* libcurl's callbacks. */
size_t transfer_take_head(char *p, size_t size, size_t n, void *transfer);
size_t transfer_take_body(char *p, size_t size, size_t n, void *transfer);
size_t transfer_give_body(char *p, size_t size, size_t n, void *transfer);
/*
 * Called about once a second: ends what has moved less than TRANSFER_SLOWEST bytes a second for
 * slow_seconds.
 */
int transfer_meter(void *transfer, curl_off_t download_total, curl_off_t downloaded,
	curl_off_t upload_total, curl_off_t uploaded);

#endif
