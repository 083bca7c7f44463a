/* SPDX-License-Identifier: Apache-2.0 */
/* Arbitrary bytes as what a package says of its licence; its expression stays the same. */
#include <stdint.h>
#include <stdlib.h>

#include "base/mem.h"
#include "sbom/license.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(free) char *text = str_dup_n((const char *)data, size);
	CLEANUP(license) struct license l = {0}, again = {0};

	license_convert(text, &l);
	if (!l.expression || l.ids.n > 0)
		return 0;
	license_convert(l.expression, &again);
	/* Statements that were joined may be nested more deeply than one may be. */
	if (!again.expression || (again.ids.n == 0 && !str_eq(l.expression, again.expression)))
		abort();
	return 0;
}
