/* SPDX-License-Identifier: Apache-2.0 */
/* What a metadata service answers: HTTP, whole, in parts, and cut off. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "metadata/web.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Given to the parser in steps of this many bytes; the result is the caller's. */
static int parse(const char *bytes, size_t size, size_t step, struct web_answer *ret)
{
	CLEANUP(web_parser) struct web_parser p = WEB_PARSER();
	CLEANUP(werr) struct werr *err = NULL;
	int r = 0;

	for (size_t n = step; r == 0 && n < size; n += step)
		r = web_parse(&p, bytes, n, false, ret, &err);
	if (r == 0)
		r = web_parse(&p, bytes, size, true, ret, &err);
	if (r == 0 || (r < 0 && !err))
		abort();
	if (r > 0 && (ret->size > WEB_BODY_MAX || ret->body[ret->size] ||
			     strlen(ret->head) > WEB_HEAD_MAX))
		abort();
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* A copy, so that reading beyond its end is seen. */
	CLEANUP(free) char *bytes = mem_dup(data, size);
	CLEANUP(web_answer) struct web_answer whole = {0}, parts = {0};
	int r = parse(bytes, size, size + 1, &whole);

	/* However the bytes come, they are the same answer, or none. */
	if ((parse(bytes, size, 1 + size / 32, &parts) > 0) != (r > 0))
		abort();
	if (r > 0 && (whole.status != parts.status || whole.size != parts.size ||
			     memcmp(whole.body, parts.body, whole.size) != 0 ||
			     strcmp(whole.head, parts.head) != 0))
		abort();
	if (r > 0)
		web_has_line(&whole, "Metadata-Flavor", "Google");
	return 0;
}
