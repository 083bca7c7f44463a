/* SPDX-License-Identifier: Apache-2.0 */
/* Why a server refuses, in its own words: distribution-spec, "Error codes", and what token servers
 * say. */
#include <inttypes.h>

#include "base/buf.h"
#include "base/mem.h"
#include "data/json.h"
#include "net/http.h"

static const char *first_text(const struct node *map, const char *const *keys)
{
	const char *text = NULL;

	for (; *keys && !text; keys++)
		text = node_get_text(map, *keys);
	return text;
}

/* {"errors": [{"code": ..., "message": ...}]}, {"details": ...} or {"error": ...} */
static char *reason_in_json(const char *text, size_t size)
{
	static const char *const keys[] = {
		"message", "code", "details", "error_description", "error", NULL};
	CLEANUP(document) struct document *d = NULL;
	const struct node *errors;
	const char *found;

	if (json_parse("", text, size, &d, NULL) < 0)
		return NULL;
	errors = node_get(d->root, "errors");
	if (errors && errors->kind == NODE_LIST && errors->n > 0)
		found = first_text(errors->items[0], keys);
	else
		found = first_text(d->root, keys);
	return found ? str_printf(": %.300s", found) : NULL;
}

/* ": why", or "" when it gives no reason in words. */
static char *reason_of(struct http_response *r)
{
	CLEANUP(free) char *text = NULL;
	char *reason = NULL;
	size_t size;

	if (reader_read_all(http_body(r), HTTP_ERROR_MAX, &text, &size, NULL) < 0 || size == 0)
		return str_dup("");
	if (*text == '{')
		reason = reason_in_json(text, size);
	else if (*text != '<')
		reason = str_printf(": %.*s",
			(int)(strcspn(text, "\r\n") < 300 ? strcspn(text, "\r\n") : 300), text);
	return reason ? reason : str_dup("");
}

/* "; try again in 3600 seconds" when it says how long to wait, or "". */
static char *rest_of(const struct http_response *r)
{
	uint64_t seconds = http_status_passes(http_status(r)) ? http_retry_after(r) : 0;

	return seconds ? str_printf("; try again in %" PRIu64 " seconds", seconds) : str_dup("");
}

int http_refused(struct http_response *r, const char *what, struct werr **err)
{
	static const struct {
		int status;
		enum werr_kind kind;
		const char *text;
	} known[] = {
		{HTTP_UNAUTHORIZED, WERR_DENIED, "the server wants a login"},
		{HTTP_FORBIDDEN, WERR_DENIED, "the server refuses it"},
		{HTTP_NOT_FOUND, WERR_NOT_FOUND, "the server does not have it"},
		{410, WERR_NOT_FOUND, "the server does not have it any more"},
		{HTTP_TOO_MANY, WERR_FAILED, "the server asks for fewer requests"},
	};
	CLEANUP(free) char *reason = reason_of(r);
	CLEANUP(free) char *rest = rest_of(r);

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (known[i].status == http_status(r))
			return werr_set(err, known[i].kind, "%s: %s%s (HTTP status %d)%s", what,
				known[i].text, rest, http_status(r), reason);
	return werr_set(err, WERR_FAILED, "%s: the server answers with HTTP status %d%s%s", what,
		http_status(r), rest, reason);
}
