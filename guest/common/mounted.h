/* SPDX-License-Identifier: Apache-2.0 */
/* Which mount a path is on (proc(5), /proc/PID/mountinfo). */
#ifndef WHERRY_GUEST_MOUNTED_H
#define WHERRY_GUEST_MOUNTED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct mounted {
	uint64_t id;
	bool root;   /* at /: of a container, what is mounted there ends with it */
	bool shared; /* what is mounted below it appears in its other places, too */
};

/* What a line of mountinfo says; false when it is not one of that form. */
bool mounted_parse(const char *line, struct mounted *ret);
/* The mount that the path is on. WERR_NOT_FOUND without /proc or such a file. */
int mounted_find(const char *path, struct mounted *ret, struct werr **err);
/* Whether a mount begins at the directory. A directory that can't be read is none. */
bool mounted_begins_at(const char *dir);

#endif
