/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptors that PID 1 keeps for the supervisor, so that the next one has them too: names and
 * numbers. */
#ifndef WHERRY_GUEST_STORE_H
#define WHERRY_GUEST_STORE_H

#include <stddef.h>

#include "base/str.h"

enum { STORE_MAX = 4096 };

struct kept {
	char *name;
	int fd;
};
struct store {
	struct kept *items;
	size_t n, cap;
};

/* fd is taken over; what had the name is closed. With STORE_MAX of them, no more are kept. */
void store_keep(struct store *s, const char *name, int fd);
void store_drop(struct store *s, const char *name);
/* Add "NAME=NUMBER" of each to argv, and the number to fds (room for s->n). */
void store_list(const struct store *s, struct strv *argv, int *fds);
void store_clear(struct store *s);

#endif
