/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A directory over HTTP/1.1 (RFC 9112), for machines that boot from the network: GET and HEAD of
 * regular files, one for each connection. No listings, no ranges, nothing outside of the directory,
 * not by links either.
 */
#ifndef WHERRY_SERVE_SERVE_H
#define WHERRY_SERVE_SERVE_H

#include "base/error.h"

struct serve_options {
	const char *directory;
	/*
	 * "8080" and "ADDRESS:8080" (an IPv6 address in brackets): 127.0.0.1 without an address;
	 * ":8080": all addresses; port 0: a free one.
	 */
	const char *port;
	/* Called once, when connections are taken: "http://127.0.0.1:8080/". */
	void (*ready)(const char *url, void *ctx);
	void *ctx;
};

/*
 * Serve until Ctrl-C comes: WERR_CANCELLED. What is asked for is reported by base/log.h. From then
 * on this process can open nothing but the directory's files, where the kernel has Landlock.
 */
int serve_directory(const struct serve_options *o, struct werr **err);

#endif
