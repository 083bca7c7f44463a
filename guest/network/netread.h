/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the values of netconf.h from JSON: each has an error with its place. */
#ifndef WHERRY_GUEST_NETREAD_H
#define WHERRY_GUEST_NETREAD_H

#include "contract/netaddr.h"
#include "data/node.h"

/* Reads the value of a key into the object that ctx is. */
struct netread {
	const char *key;
	int (*read)(void *ctx, const struct node *n, struct werr **err);
};
/* Read the values of an object, in its order; a key that has no reader is an error. */
int netread_map(const struct node *n, const struct netread *readers, size_t count, void *ctx,
	struct werr **err);

/* A string that is not empty; what *ret was is freed. */
int netread_text(const struct node *n, char **ret, struct werr **err);
/* The same: the name of an interface. */
int netread_name(const struct node *n, char **ret, struct werr **err);
int netread_number(
	const struct node *n, uint64_t min, uint64_t max, uint64_t *ret, struct werr **err);
int netread_bool(const struct node *n, bool *ret, struct werr **err);
int netread_address(const struct node *n, bool (*parse)(const char *text, struct netaddr *ret),
	struct netaddr *ret, struct werr **err);

#endif
