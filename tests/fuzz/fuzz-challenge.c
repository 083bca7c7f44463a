/* SPDX-License-Identifier: Apache-2.0 */
/* A WWW-Authenticate header, as a registry sends it. */
#include <stdint.h>

#include "base/mem.h"
#include "base/str.h"
#include "net/challenge.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(free) char *text = str_dup_n((const char *)data, size);
	CLEANUP(werr) struct werr *err = NULL;
	struct challenges c = {0};
	int r = challenges_parse(text, &c, &err);

	/* On success every item has a scheme; on failure there is an error. */
	for (size_t i = 0; i < c.n; i++)
		if (!c.items[i].scheme || !*c.items[i].scheme)
			abort();
	if ((r < 0) != (err != NULL))
		abort();
	challenges_cleanup(&c);
	return 0;
}
