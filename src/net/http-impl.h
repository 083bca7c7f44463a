/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of one HTTP exchange share. */
#ifndef WHERRY_NET_HTTP_IMPL_H
#define WHERRY_NET_HTTP_IMPL_H

#include "net/transfer.h"

struct http_request;
struct url;

struct http_response {
	struct reader body;
	struct transfer transfer;
	char *host; /* for messages */
	char *url;
	struct strv fields;
};

/* ---- http-setup.c ---- */

/* WERR_INVALID when it contains control characters. */
int http_check_request(const struct http_request *q, struct werr **err);
/* Hand the request over to libcurl; its body is already open. */
int http_set_up(struct http_response *h, const struct http_request *q, const struct url *url,
	struct werr **err);

#endif
