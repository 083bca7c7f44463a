/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The network: one client for everything that uses HTTP. It does nothing until the first request,
 * which loads libcurl and starts one thread that moves the bytes of all transfers. The functions of
 * this room may be called from any thread, block, and return -ECANCELED soon after Ctrl-C.
 *
 * HTTPS everywhere, always verified. Plain HTTP only with this machine (localhost, 127.0.0.0/8,
 * ::1) and the hosts of `insecure`. Requests that failed for a reason that may pass (429, 5xx, a
 * connection that was cut) are repeated a few times with growing pauses. Proxies come from the
 * environment (HTTPS_PROXY, NO_PROXY).
 */
#ifndef WHERRY_NET_NET_H
#define WHERRY_NET_NET_H

#include "base/str.h"
#include "base/error.h"

struct net;

struct net_options {
	struct strv cert_files;   /* PEM, trusted in addition to the system's */
	struct strv insecure;     /* "HOST" or "HOST:PORT" that plain HTTP may be used with */
	struct strv mirrors;      /* "URL", or "REGISTRY=URL": asked before the registry */
	unsigned timeout_seconds; /* how long a server may stay silent; 0: 30 */
};

/* options are copied. WERR_USAGE says which mirror is not one. */
int net_open(struct net **ret, const struct net_options *options, struct werr **err);
/* No other thread may be in a call with n. */
void net_free(struct net *n);
DEFINE_CLEANUP(struct net *, net_free, net)

/*
 * The text at an http or https URL, redirects followed, at most max bytes (WERR_LIMIT above). *ret
 * is NUL-terminated and owned by the caller. WERR_NOT_FOUND when the server says so.
 */
int net_get_text(struct net *n, const char *url, size_t max, char **ret, size_t *ret_size,
	struct werr **err);

#endif
