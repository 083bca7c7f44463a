/* SPDX-License-Identifier: Apache-2.0 */
#include "contract/paths.h"

#include <string.h>

#include "base/str.h"

static const char *const dirs[] = {
	[CONTAINER_ONBOOT] = CONTAINERS_DIR "/onboot",
	[CONTAINER_SERVICE] = CONTAINERS_DIR "/services",
	[CONTAINER_ONSHUTDOWN] = CONTAINERS_DIR "/onshutdown",
};

const char *contract_dir(enum container_kind kind)
{
	return dirs[kind];
}

char *contract_bundle(enum container_kind kind, size_t place, const char *name)
{
	if (kind == CONTAINER_SERVICE)
		return str_printf("%s/%s", dirs[kind], name);
	return str_printf("%s/%03zu-%s", dirs[kind], place, name);
}

const char *contract_name(enum container_kind kind, const char *id)
{
	size_t digits = strspn(id, "0123456789");

	if (kind == CONTAINER_SERVICE || !digits || id[digits] != '-' || !id[digits + 1])
		return id;
	return id + digits + 1;
}
