/* SPDX-License-Identifier: Apache-2.0 */
/* All containers of the OS: those in /containers. */
#ifndef WHERRY_GUEST_CONTAINERS_H
#define WHERRY_GUEST_CONTAINERS_H

#include "life/container.h"

/* The containers of one kind, in the order of their names. */
struct container_group {
	struct container **items;
	size_t n, cap;
};

struct containers {
	struct env *env;
	struct container_group groups[CONTAINER_KINDS];
};

/* Read them; none has begun. env must outlive them. */
void containers_read(struct containers *ret, struct env *env);
void containers_cleanup(struct containers *cs);
/* The i-th of all groups; NULL after the last. */
struct container *containers_at(const struct containers *cs, size_t i);
/* By name or id, a service first; NULL when there is none. */
struct container *containers_find(const struct containers *cs, const char *name);

#endif
