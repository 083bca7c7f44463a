/* SPDX-License-Identifier: Apache-2.0 */
/* What a kernel module says of itself: all values of two keys. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "kmod/modinfo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const keys[] = {"depends", "alias"};
	CLEANUP(werr) struct werr *err = NULL;
	struct modinfo info;

	if (modinfo_find(data, size, &info, &err) < 0)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		for (const char *v = NULL; (v = modinfo_next(&info, keys[i], v));)
			if (v + strlen(v) >= (const char *)data + size)
				abort();
	return 0;
}
