/* SPDX-License-Identifier: Apache-2.0 */
/* Why a container is in its state, in a few words: for people, in lists and in reports. */
#ifndef WHERRY_GUEST_WHY_H
#define WHERRY_GUEST_WHY_H

#include "life/containers.h"

/* What a container does that another waits for: "failed", "was stopped", "is not ready yet". */
const char *why_it_blocks(const struct container *c);
/*
 * The reason of its state: how it ended, what it waits for, what its health check got. "" when
 * there is nothing to say, as of one that is ready. Owned by the caller.
 */
char *why_state(const struct containers *all, const struct container *c);

#endif
