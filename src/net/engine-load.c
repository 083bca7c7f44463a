/* SPDX-License-Identifier: Apache-2.0 */
/* Sending an image to a local engine. */
#include "base/mem.h"
#include "base/str.h"
#include "data/json.h"
#include "net/engine-load.h"
#include "net/http.h"

enum { ANSWER_MAX = 4 << 20 };

/* It answers with a status of success first, and then, line by line, with what became of it. */
int engine_load_error(const char *text, size_t size, struct werr **err)
{
	CLEANUP(free) char *copy = str_dup_n(text, size);
	CLEANUP(strv) struct strv lines = {0};
	const char *line;

	strv_split(&lines, copy, '\n');
	STRV_FOREACH (line, &lines) {
		CLEANUP(document) struct document *d = NULL;
		const char *message = NULL;

		if (json_parse("", line, strlen(line), &d, NULL) == 0 && d->root->kind == NODE_MAP)
			message = node_get_text(d->root, "error");
		if (message)
			return werr_set(err, WERR_FAILED, "it says: %s", message);
	}
	return 0;
}

int engine_load(struct net *n, const char *socket, const struct http_source *tar, struct werr **err)
{
	const struct http_request q = {.method = "POST",
		.url = "http://localhost/images/load?quiet=1",
		.unix_socket = socket,
		.headers = {"Content-Type: application/x-tar"},
		.body = tar,
		.patient = true};
	CLEANUP(http_response) struct http_response *response = NULL;
	CLEANUP(free) char *text = NULL;
	size_t size;
	int r = http_fetch(n, &q, &response, err);

	if (r == 0 && !http_succeeded(response))
		r = http_refused(response, "the image", err);
	else if (r == 0)
		r = reader_read_all(http_body(response), ANSWER_MAX, &text, &size, err);
	if (r == 0)
		r = engine_load_error(text, size, err);
	if (r < 0)
		werr_wrap(err, "%s", socket);
	return r;
}
