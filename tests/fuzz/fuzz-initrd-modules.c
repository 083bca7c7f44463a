/* SPDX-License-Identifier: Apache-2.0 */
/* modules.dep, modules.alias and modules.softdep of a kernel's image, separated by NUL bytes. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "output/initrd-modules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(free) char *text = str_dup_n((const char *)data, size);
	CLEANUP(initrd_modules) struct initrd_modules m = {0};
	const char *parts[3], *part = text, *end = text + size;

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		parts[i] = part;
		part += strlen(part);
		part += part < end;
	}
	initrd_modules_choose(parts[0], parts[1], parts[2], &m, NULL);
	return 0;
}
