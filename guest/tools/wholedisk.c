/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/wholedisk.h"

#include <ctype.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/mem.h"
#include "common/fs.h"

/* Names that begin so are never taken unasked. */
static const char *const others[] = {"fd", "loop", "mtdblock", "nbd", "ram", "sr", "ubiblock"};

static bool has(const char *sys, const char *name, const char *file)
{
	CLEANUP(free) char *path = str_printf("%s/%s/%s", sys, name, file);

	return file_exists(path);
}

static uint64_t number(const char *sys, const char *name, const char *file)
{
	CLEANUP(free) char *path = str_printf("%s/%s/%s", sys, name, file);

	return fs_number(path);
}

bool wholedisk_is(const char *sys, const char *name)
{
	return has(sys, name, "") && !has(sys, name, "partition");
}

static bool is_real(const char *sys, const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (str_after(name, others[i]))
			return false;
	return wholedisk_is(sys, name) && has(sys, name, "device") && number(sys, name, "size") &&
	       !number(sys, name, "ro") && !number(sys, name, "hidden");
}

void wholedisk_list(const char *sys, struct strv *ret)
{
	CLEANUP(strv) struct strv names = {0};
	const char *name;

	fs_names(sys, &names);
	STRV_FOREACH (name, &names)
		if (is_real(sys, name))
			strv_add(ret, name);
}

char *wholedisk_partition(const char *device, unsigned n)
{
	size_t size = strlen(device);

	/* The kernel's rule, in disk_name(). */
	return str_printf(
		"%s%s%u", device, size && isdigit((unsigned char)device[size - 1]) ? "p" : "", n);
}
