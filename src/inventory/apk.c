/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/apk.h"

#include "inventory/fields.h"

/* A fields_visit. */
static int add_package(const struct software_slice *values, void *ctx, struct werr **err)
{
	struct software_slice texts[SOFTWARE_TEXTS] = {
		[SOFTWARE_NAME] = values[0],
		[SOFTWARE_VERSION] = values[1],
		[SOFTWARE_ARCH] = values[2],
		[SOFTWARE_LICENSE] = values[3],
		[SOFTWARE_SOURCE] = values[4],
	};

	return values[1].p ? software_add(ctx, SOFTWARE_APK, texts, err) : 0;
}

int apk_read_installed(struct software_list *l, const char *text, size_t size, struct werr **err)
{
	static const char *const keys[] = {
		"P", /* package */
		"V", /* version */
		"A", /* architecture */
		"L", /* licence, most often an expression of SPDX */
		"o", /* origin: the name of what it was built from */
		NULL,
	};

	return fields_read(text, size, keys, add_package, l, err);
}
