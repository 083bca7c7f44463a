/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP with repetitions and redirects. */
#include <errno.h>

#include "base/log.h"
#include "base/mem.h"
#include "net/http.h"
#include "net/retry.h"
#include "net/start.h"
#include "net/url.h"

enum { REDIRECTS_MAX = 10 };

static bool may_repeat(const struct http_request *q)
{
	if (q->repeat == HTTP_REPEAT_BY_METHOD)
		return !str_eq(q->method, "POST") && !str_eq(q->method, "PATCH");
	return q->repeat == HTTP_REPEAT_ALWAYS;
}

/* Until there is an answer that will not change, or no hope. */
static int send_patiently(
	struct net *n, const struct http_request *q, struct http_response **ret, struct werr **err)
{
	CLEANUP(free) char *shown = url_shown(q->url);
	struct retry retry = {0};

	for (;;) {
		CLEANUP(http_response) struct http_response *response = NULL;
		CLEANUP(werr) struct werr *why = NULL;
		int r = http_send(n, q, &response, &why), waited = 0;
		bool passes = r == 0 ? http_status_passes(http_status(response)) : retry_code(r);
		uint64_t after = r == 0 && passes ? http_retry_after(response) : 0;

		if (r == 0)
			log_debug("%s %s: %d", q->method, shown, http_status(response));
		else
			log_debug("%s %s: %s", q->method, shown, why ? why->message : "");
		if (passes && may_repeat(q)) {
			if (retry_wait(&retry, after, &waited, err))
				continue;
			if (waited < 0)
				return waited;
			/* That was enough: no caller should start over. */
			r = r < 0 ? -EIO : 0;
		}
		if (r == 0)
			*ret = STEAL(response);
		else
			werr_pass(err, STEAL(why));
		return r;
	}
}

/*
 * The first three turn every request into a GET (RFC 9110, 15.4), which is of no use for requests
 * that send something.
 */
static bool is_redirect(const struct http_request *q, int status)
{
	static const int codes[] = {301, 302, 303, 307, 308};
	bool reads = str_eq(q->method, "GET") || str_eq(q->method, "HEAD");

	for (size_t i = reads ? 0 : 3; i < ARRAY_SIZE(codes); i++)
		if (status == codes[i])
			return true;
	return false;
}

static int follow(struct net *n, const struct url *from, const struct http_response *response,
	struct url *ret, struct werr **err)
{
	const char *location = http_header(response, "Location", NULL);
	int r;

	if (!location || !*location)
		return werr_set(err, WERR_CORRUPT, "%s redirects to nowhere", from->place);
	r = url_follow(n, from, location, ret, err);
	if (r < 0)
		werr_wrap(err, "%s redirects", from->place);
	return r;
}

int http_fetch(struct net *n, const struct http_request *request, struct http_response **ret,
	struct werr **err)
{
	struct http_request q = *request;
	CLEANUP(url) struct url at = {0};
	int r = net_load(n, err);

	if (r == 0)
		r = url_parse(n, q.url, NULL, &at, err);
	if (r == 0 && !q.unix_socket)
		r = url_allow(n, &at, err);
	for (unsigned hops = 0; r == 0; hops++) {
		CLEANUP(http_response) struct http_response *response = NULL;
		CLEANUP(url) struct url next = {0};

		q.url = at.text;
		r = send_patiently(n, &q, &response, err);
		if (r == 0 && (q.unix_socket || !is_redirect(&q, http_status(response)))) {
			*ret = STEAL(response);
			return 0;
		}
		if (r == 0)
			r = follow(n, &at, response, &next, err);
		if (r == 0 && hops >= REDIRECTS_MAX)
			r = werr_set(err, WERR_LIMIT, "%s redirects more than %d times", at.place,
				REDIRECTS_MAX);
		if (r < 0)
			break;
		if (!url_same_place(&at, &next))
			q.authorization = NULL;
		url_cleanup(&at);
		at = next;
		next = (struct url){0};
	}
	return r;
}
