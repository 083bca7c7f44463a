/* SPDX-License-Identifier: Apache-2.0 */
/* What a metadata service answers: HTTP, whole, in parts, and cut off. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "metadata/web.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int parse(const char *bytes, size_t size, bool ended)
{
	CLEANUP(web_answer) struct web_answer a = {0};
	CLEANUP(werr) struct werr *err = NULL;
	int r = web_parse(bytes, size, ended, &a, &err);

	if (r > 0 && (a.size > WEB_BODY_MAX || a.body[a.size] || strlen(a.head) > WEB_HEAD_MAX))
		abort();
	if (r > 0)
		web_has_line(&a, "Metadata-Flavor", "Google");
	if (r < 0 && !err)
		abort();
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* A copy, so that reading beyond its end is seen. */
	CLEANUP(free) char *bytes = mem_dup(data, size);

	if (parse(bytes, size, true) == 0)
		abort();
	/* What is complete stays so with more bytes behind it. */
	for (size_t n = 0; n < size; n += 1 + size / 16)
		if (parse(bytes, n, false) > 0 && parse(bytes, size, false) < 0)
			abort();
	return 0;
}
