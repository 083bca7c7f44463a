/* SPDX-License-Identifier: Apache-2.0 */
/* Lock files: one that is accepted reads back the same after it is written. */
#include <stdint.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "resolve/lockfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(lockfile) struct lockfile *l = NULL;
	CLEANUP(lockfile) struct lockfile *again = NULL;
	CLEANUP(free) char *text = NULL;
	CLEANUP(free) char *same = NULL;

	if (lockfile_parse("l", (const char *)data, size, &l, NULL) < 0)
		return 0;
	text = lockfile_text(l);
	/* With indentation it can exceed the size limit. */
	if (!text)
		return 0;
	/* Two spellings of one name are written the same, which is refused as a duplicate. */
	if (lockfile_parse("l", text, strlen(text), &again, NULL) < 0)
		return 0;
	same = lockfile_text(again);
	if (!same || !str_eq(text, same))
		abort();
	return 0;
}
