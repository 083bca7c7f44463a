/* SPDX-License-Identifier: Apache-2.0 */
/* The response of a token server. */
#include <stdint.h>
#include <stdlib.h>

#include "base/mem.h"
#include "net/token.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(werr) struct werr *err = NULL;
	CLEANUP(free) char *token = NULL;
	unsigned seconds = 0;
	int r = token_parse("a.example", (const char *)data, size, &token, &seconds, &err);

	if ((r < 0) != (err != NULL) || (r < 0) != (token == NULL))
		abort();
	/* The token is used in a header field. */
	for (const char *s = token; s && *s; s++)
		if (*s <= ' ' || *s >= 0x7f)
			abort();
	if (r == 0 && (!*token || seconds == 0 || seconds > 3600))
		abort();
	return 0;
}
