/* SPDX-License-Identifier: Apache-2.0 */
/* Manifests and indexes: one that is accepted reads back the same after it is written. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "oci/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(manifest) struct manifest *m = NULL, *again = NULL;
	CLEANUP(free) char *text = NULL;
	CLEANUP(free) char *same = NULL;
	CLEANUP(werr) struct werr *err = NULL;

	if (manifest_parse("m", (const char *)data, size, NULL, &m, &err) < 0)
		return 0;
	text = manifest_write(m, &size);
	/* With escapes it can exceed the size limit. */
	if (size > MANIFEST_SIZE_MAX)
		return 0;
	if (manifest_parse("m", text, size, NULL, &again, &err) < 0)
		abort();
	same = manifest_write(again, &size);
	if (!str_eq(text, same))
		abort();
	return 0;
}
