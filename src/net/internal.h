/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of src/net share. */
#ifndef WHERRY_NET_INTERNAL_H
#define WHERRY_NET_INTERNAL_H

#include <pthread.h>

#include "net/curl.h"
#include "net/net.h"
#include "net/registries-conf.h"

struct buf;
struct certs;
struct transfer;
struct token;

enum { CERTIFICATES_MAX = 16 << 20 }; /* bytes of a file of them */

struct net {
	struct net_options options;

	pthread_mutex_t start_lock; /* of what the first request sets */
	bool loaded, running;
	struct curl_api curl;
	CURLM *multi;
	pthread_t thread;
	struct registries_conf registries;
	char *certificates; /* PEM of cert_files and the system's; NULL: libcurl's default */

	pthread_mutex_t lock; /* of all below, and of what transfer.c says */
	struct transfer *transfers;
	bool stop;
	struct strv silent; /* mirrors that did not answer in time */

	pthread_mutex_t auth_lock;
	struct token *tokens;
	struct strv warned; /* what was said about logins already */
	pthread_mutex_t certs_lock;
	struct certs *certs;
	pthread_mutex_t scheme_lock; /* of all below */
	struct strv plain;           /* hosts that turned out to speak plain HTTP; "HOST:PORT" */
	struct strv tls;             /* and those with TLS */
};

/* ---- net.c ---- */

/* Load libcurl, once. */
int net_load(struct net *n, struct werr **err);
/* Add what is trusted everywhere, as PEM. */
int net_trusted(struct net *n, struct buf *pem, struct werr **err);

/* ---- transfer.c ---- */

/* The thread that moves the bytes. */
void *net_loop(void *net);

#endif
