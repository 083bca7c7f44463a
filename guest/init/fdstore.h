/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Descriptors with names that PID 1 keeps for the supervisor, so that the next supervisor gets them
 * as well.
 */
#ifndef WHERRY_GUEST_FDSTORE_H
#define WHERRY_GUEST_FDSTORE_H

#include <stddef.h>

#include "base/str.h"

enum { FDSTORE_MAX = 4096 };

struct kept {
	char *name;
	int fd;
};
struct fdstore {
	struct kept *items;
	size_t n, cap;
};

/*
 * fd is taken over, and the previous one of that name is closed. Beyond FDSTORE_MAX it is closed
 * instead.
 */
void fdstore_keep(struct fdstore *s, const char *name, int fd);
void fdstore_drop(struct fdstore *s, const char *name);
/* Add "NAME=NUMBER" for each to argv, and its number to fds, which has room for s->n. */
void fdstore_list(const struct fdstore *s, struct strv *argv, int *fds);
void fdstore_clear(struct fdstore *s);

#endif
