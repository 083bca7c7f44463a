/* SPDX-License-Identifier: Apache-2.0 */
/* What WWW-Authenticate asks for: RFC 9110, 11.6.1, and the token specification of Docker's
 * registries. */
#ifndef WHERRY_NET_CHALLENGE_H
#define WHERRY_NET_CHALLENGE_H

#include <stddef.h>

#include "base/error.h"

enum { CHALLENGES_MAX = 8, CHALLENGE_SIZE_MAX = 8192, CHALLENGE_PARAMETERS_MAX = 32 };

struct challenge {
	char *scheme;                  /* "Bearer", "Basic"; compare without case */
	char *realm, *service, *scope; /* NULL: not given */
	size_t n_parameters;
};

struct challenges {
	struct challenge items[CHALLENGES_MAX];
	size_t n;
};

/*
 * Add the challenges of a field's value. WERR_INVALID for what breaks the grammar, WERR_LIMIT for
 * what exceeds the bounds above; ret then has those before it.
 */
int challenges_parse(const char *text, struct challenges *ret, struct werr **err);
void challenges_cleanup(struct challenges *c);
/* The first of this scheme, in any case; or NULL. */
const struct challenge *challenges_find(const struct challenges *c, const char *scheme);

#endif
