/* SPDX-License-Identifier: Apache-2.0 */
#include "contract/initd.h"

#include <stddef.h>
#include <string.h>

#include "base/attr.h"
#include "base/str.h"

/* linuxkit/init has the first ones, runc, containerd and memlogd the others. */
static const struct {
	const char *name; /* after the number that orders it */
	const char *instead;
} replaced[] = {
	{"rcS", "/init mounts and sets up what it would"},
	{"volumes", "/init mounts the volumes"},
	{"onboot", "the supervisor runs onboot"},
	{"containers", "the supervisor starts the services"},
	{"containerd", "the supervisor starts the services"},
	{"memlogd", "the supervisor keeps the logs"},
	{"onshutdown", "the supervisor runs onshutdown"},
};

const char *initd_replaced(const char *name)
{
	const char *rest = name + strspn(name, "0123456789");

	rest += rest > name && *rest == '-';
	for (size_t i = 0; i < ARRAY_SIZE(replaced); i++)
		if (str_eq(replaced[i].name, rest))
			return replaced[i].instead;
	return NULL;
}

enum initd_when initd_when(const char *name)
{
	if (strcmp(name, "010-onboot") < 0)
		return INITD_BEFORE_ONBOOT;
	return strcmp(name, "020-containerd") < 0 ? INITD_BEFORE_SERVICES : INITD_AFTER_SERVICES;
}
