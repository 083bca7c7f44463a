/* SPDX-License-Identifier: Apache-2.0 */
/* The Content-Range, Range and Location headers of a registry. */
#include <stdint.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "net/internal.h"
#include "net/net.h"
#include "net/range.h"
#include "net/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct net *loaded(void)
{
	static struct net *n;
	const struct net_options options = {0};

	if (!n && (net_open(&n, &options, NULL) < 0 || curl_load(&n->curl, NULL) < 0))
		abort();
	return n;
}

static void follow(const char *text)
{
	static const char *const bases[] = {
		"https://registry.example/v2/a/blobs/uploads/", "http://127.0.0.1:5000/v2/"};

	for (size_t i = 0; i < ARRAY_SIZE(bases); i++) {
		CLEANUP(url) struct url from = {0};
		CLEANUP(url) struct url to = {0};
		CLEANUP(free) char *shown = url_shown(text);

		if (strlen(shown) > strlen(text) + 4 ||
			url_parse(loaded(), bases[i], NULL, &from, NULL) < 0)
			abort();
		if (url_follow(loaded(), &from, text, &to, NULL) < 0)
			continue;
		/* A remote registry cannot redirect to this machine, or to plain HTTP. */
		if (i == 0 && (to.loopback || !to.https))
			abort();
		if (!str_after(to.text, to.https ? "https://" : "http://"))
			abort();
		for (const char *s = to.text; *s; s++)
			if ((unsigned char)*s <= ' ' || *s == 0x7f)
				abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(free) char *text = str_dup_n((const char *)data, size);
	struct range r;

	if (range_parse_content(text, &r) &&
		(r.first > r.last || (r.has_total && r.last >= r.total)))
		abort();
	if (range_parse_upload(text, &r) && r.first > r.last)
		abort();
	follow(text);
	return 0;
}
