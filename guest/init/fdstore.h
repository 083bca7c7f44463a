/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptors that PID 1 keeps for the supervisor, so that the next one has them too: names and
 * numbers. */
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

/* fd is taken over; what had the name is closed. With FDSTORE_MAX of them, no more are kept. */
void fdstore_keep(struct fdstore *s, const char *name, int fd);
void fdstore_drop(struct fdstore *s, const char *name);
/* Add "NAME=NUMBER" of each to argv, and the number to fds (room for s->n). */
void fdstore_list(const struct fdstore *s, struct strv *argv, int *fds);
void fdstore_clear(struct fdstore *s);

#endif
