/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/dpkg.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "inventory/fields.h"

enum { LICENSES_MAX = 32 };

/* The third word of "install ok installed" says what is there. */
static bool is_there(const struct software_slice *status)
{
	static const char *const absent[] = {"config-files", "not-installed"};
	CLEANUP(free) char *text = status->p ? str_dup_n(status->p, status->size) : NULL;

	for (size_t i = 0; text && i < ARRAY_SIZE(absent); i++)
		if (str_ends_with(text, absent[i]))
			return false;
	return true;
}

/* "pool (1.2-3)" or "pool". */
static void split_source(const struct software_slice *value, struct software_slice texts[])
{
	const char *open = memchr(value->p, '(', value->size);
	size_t name = open ? (size_t)(open - value->p) : value->size;
	const char *close = open ? memchr(open, ')', value->size - name) : NULL;

	if (close)
		texts[SOFTWARE_SOURCE_VERSION] =
			(struct software_slice){open + 1, (size_t)(close - open - 1)};
	while (name && value->p[name - 1] == ' ')
		name--;
	texts[SOFTWARE_SOURCE] = (struct software_slice){value->p, name};
}

/* A fields_visit. */
static int add_package(const struct software_slice *values, void *ctx, struct werr **err)
{
	struct software_slice texts[SOFTWARE_TEXTS] = {
		[SOFTWARE_NAME] = values[0],
		[SOFTWARE_VERSION] = values[1],
		[SOFTWARE_ARCH] = values[2],
		[SOFTWARE_SOURCE] = values[0],
		[SOFTWARE_SOURCE_VERSION] = values[1],
	};

	if (!values[1].p || !is_there(&values[4]))
		return 0;
	if (values[3].p)
		split_source(&values[3], texts);
	return software_add(ctx, SOFTWARE_DEB, texts, err);
}

int dpkg_read_status(struct software_list *l, const char *text, size_t size, struct werr **err)
{
	static const char *const keys[] = {
		"Package", "Version", "Architecture", "Source", "Status", NULL};

	return fields_read(text, size, keys, add_package, l, err);
}

struct licenses {
	struct strv names;
	bool is_format, knows_files;
};

/* A fields_visit. The licence in the first paragraph is that of the whole, if no other is named. */
static int add_license(
	const struct software_slice *values, void *ctx, ATTR_UNUSED struct werr **err)
{
	struct licenses *l = ctx;
	CLEANUP(free) char *name = NULL;

	if (!l->is_format) {
		CLEANUP(free)
		char *format = values[0].p ? str_dup_n(values[0].p, values[0].size) : NULL;

		if (!format || !strstr(format, "copyright-format/1.0"))
			return 1;
		l->is_format = true;
	} else if (!values[1].p) {
		return 0;
	}
	if (!values[2].p || values[2].size == 0 || values[2].size > SOFTWARE_TEXT_MAX)
		return 0;
	if (values[1].p && !l->knows_files)
		strv_clear(&l->names);
	l->knows_files |= values[1].p != NULL;
	name = str_dup_n(values[2].p, values[2].size);
	if (!strv_has(&l->names, name) && l->names.n < LICENSES_MAX)
		strv_add(&l->names, name);
	return 0;
}

char *dpkg_read_licenses(const char *text, size_t size)
{
	static const char *const keys[] = {"Format", "Files", "License", NULL};
	struct licenses l = {0};
	char *ret = NULL;

	if (fields_read(text, size, keys, add_license, &l, NULL) == 0 && l.names.n > 0)
		ret = strv_join(&l.names, "\n");
	strv_clear(&l.names);
	return ret;
}
