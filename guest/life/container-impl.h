/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of a container share: container.c goes by the table, container-act.c does what it
 * says, container-end.c sees the ends. */
#ifndef WHERRY_GUEST_CONTAINER_IMPL_H
#define WHERRY_GUEST_CONTAINER_IMPL_H

#include "life/container.h"

enum { CONTAINER_GIVE_UP_MS = 5000 }; /* after SIGKILL */

/* Written after each change; a write that fails is told once, as it only matters when the
 * supervisor dies as well. */
void container_save(struct container *c);
/* Until when the state may last by itself; 0: for ever. */
uint64_t container_limit_of_state(const struct container *c);

void container_act(struct container *c, enum life_action action);
/* Let the runtime make it, now that nothing of an earlier one is left. */
void container_make(struct container *c);

/* It could not be made or started; err is freed. */
void container_broken(struct container *c, struct werr *err);
/* What to wait before the next start, in ms, if it ends now; *ret_streak is how many failures in a
 * row it is then. */
uint64_t container_delay(const struct container *c, uint64_t *ret_streak);
/* Its processes don't end, even after SIGKILL. False: there is nothing to give up. */
bool container_give_up(struct container *c);

#endif
