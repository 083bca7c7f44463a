/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A transfer: what one thread (net_loop) moves with libcurl and another one waits for. Fields below "shared" are guarded
 * by net->lock; the rest is set before the transfer is given to the loop.
 */
#ifndef WHERRY_NET_TRANSFER_H
#define WHERRY_NET_TRANSFER_H

#include "base/buf.h"
#include "net/http.h"

enum { TRANSFER_WINDOW = 256 << 10 }; /* bytes that have come and were not read yet */

struct transfer {
	struct net *net;
	CURL *easy;
	struct curl_slist *fields;
	char error[CURL_ERROR_SIZE];
	struct reader *body; /* what is sent, or NULL */
	struct werr *body_error;
	bool started;

	/* ---- shared ---- */
	struct transfer *next;
	pthread_cond_t changed;
	/* What the loop shall do next. */
	bool start, resume, remove;
	bool added, removed;
	/* What has come. */
	bool answered; /* the header fields are complete */
	bool too_large;
	bool paused;
	bool done;
	CURLcode result;  /* once done */
	int proxy_status; /* of the tunnel that was asked for; 0: none */
	int status;
	struct buf head; /* the header fields, a line each */
	char *window;    /* a ring of TRANSFER_WINDOW bytes, or NULL */
	size_t first, fill;
};

/* Give it to the loop; from here until transfer_remove the loop uses it. */
void transfer_start(struct transfer *t);
/* Wait until the answer's fields are there or it is done. -ECANCELED after Ctrl-C. */
int transfer_wait(struct transfer *t, struct werr **err);
/* Up to size bytes of what has come; 0 bytes: it is done. */
int transfer_read(struct transfer *t, void *p, size_t size, size_t *got, struct werr **err);
/* Take it from the loop again. */
void transfer_remove(struct transfer *t);

/* libcurl's callbacks. */
size_t transfer_take_head(char *p, size_t size, size_t n, void *transfer);
size_t transfer_take_body(char *p, size_t size, size_t n, void *transfer);
size_t transfer_give_body(char *p, size_t size, size_t n, void *transfer);

#endif
