/* SPDX-License-Identifier: Apache-2.0 */
/* A page of a machine's, asked with HTTP/1.0, so that its body comes as it is (RFC 9112). */
#ifndef WHERRY_PROBE_PAGE_H
#define WHERRY_PROBE_PAGE_H

#include "probe/tcp.h"

struct probe_page {
	unsigned status;
	const char *body; /* in the answer; NULL: it has not come yet */
	size_t size;
};

/* The answer so far. False: it is not one of HTTP's; status 0: its first line has not come yet. */
bool probe_page_parse(const char *text, size_t size, struct probe_page *ret);
/* The request for a page; owned by the caller. */
char *probe_page_request(const char *path);

#endif
