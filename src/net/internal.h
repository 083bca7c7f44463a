/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of src/net share. */
#ifndef WHERRY_NET_INTERNAL_H
#define WHERRY_NET_INTERNAL_H

#include <pthread.h>

#include "net/curl.h"
#include "net/registries-conf.h"

struct certs;
struct transfer;
struct token;

struct net {
	/* As in struct net_options; registries.conf adds to `insecure`. */
	struct strv cert_files, insecure, mirrors;
	unsigned timeout_seconds;

	pthread_mutex_t start_lock; /* for what the first request sets */
	bool loaded, running;
	struct curl_api curl;
	CURLM *multi;
	pthread_t thread;
	struct registries_conf registries;
	char *certificates; /* PEM of cert_files and the system's; NULL: libcurl's default */

	pthread_mutex_t lock; /* for all below, and for the transfers' shared fields */
	struct transfer *transfers;
	bool stop;
	struct strv silent; /* mirrors that did not answer in time */

	pthread_mutex_t auth_lock;
	struct token *tokens;
	struct strv warned; /* warnings about logins that were already shown */
	pthread_mutex_t certs_lock;
	struct certs *certs;
	pthread_mutex_t scheme_lock; /* for all below */
	struct strv plain;           /* hosts found to use plain HTTP; "HOST:PORT" */
	struct strv tls;             /* and those found to use TLS */
};

#endif
