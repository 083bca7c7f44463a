/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/environment.h"

#include <stdlib.h>

#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

void environment_pick(struct strv *env, const char *const *names)
{
	for (; *names; names++) {
		const char *value = getenv(*names);

		if (value)
			strv_addf(env, "%s=%s", *names, value);
	}
}

void environment_base(struct strv *env)
{
	static const char *const names[] = {"HOME", "USER", "TMPDIR", NULL};
	const char *path = getenv("PATH");

	/* depmod and others are in sbin, which an ordinary user's PATH does not have. */
	strv_addf(env, "PATH=%s:" DEFAULT_PATH, path && *path ? path : DEFAULT_PATH);
	strv_add(env, "LC_ALL=C");
	strv_add(env, "LANGUAGE=");
	environment_pick(env, names);
}
