/* SPDX-License-Identifier: Apache-2.0 */
/* Image names: one that is accepted has a full name, which parses as itself. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "oci/reference.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(free) char *text = str_dup_n((const char *)data, size);
	CLEANUP(reference) struct reference r = {0}, again = {0};
	CLEANUP(werr) struct werr *err = NULL;

	if (reference_parse(text, &r, &err) < 0)
		return 0;
	if (reference_parse(r.name, &again, &err) < 0)
		abort();
	if (!str_eq(r.name, again.name))
		abort();
	return 0;
}
