/* SPDX-License-Identifier: Apache-2.0 */
/* Image configurations: one that is accepted reads back the same after it is written. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "oci/image-config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(image_config) struct image_config *c = NULL, *again = NULL;
	CLEANUP(free) char *text = NULL;
	CLEANUP(free) char *same = NULL;
	CLEANUP(werr) struct werr *err = NULL;

	if (image_config_parse("c", (const char *)data, size, &c, &err) < 0)
		return 0;
	text = image_config_write(c, &size);
	/* With escapes it can exceed the size limit. */
	if (size > IMAGE_CONFIG_SIZE_MAX)
		return 0;
	if (image_config_parse("c", text, size, &again, &err) < 0)
		abort();
	same = image_config_write(again, &size);
	if (!str_eq(text, same))
		abort();
	return 0;
}
