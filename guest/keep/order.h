/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which containers wait for which: the names in `after` as indexes, without unknown names and
 * without circles.
 */
#ifndef WHERRY_GUEST_ORDER_H
#define WHERRY_GUEST_ORDER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/str.h"

struct order_node {
	size_t *after; /* indexes of those it waits for */
	size_t n;
};
struct order {
	struct order_node *nodes;
	size_t n;
};

/*
 * names[i] waits for the names in after[i]. What is left out is reported: *err becomes a list of it
 * (err may be NULL). The rest is done.
 */
void order_make(struct order *ret, const char *const *names, const struct strv *const *after,
	size_t n, struct werr **err);
void order_cleanup(struct order *o);
/* Does a wait for b? */
bool order_waits(const struct order *o, size_t a, size_t b);

#endif
