/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shared by the files of a container: container.c follows the table, container-act.c carries out
 * its actions, container-end.c handles processes that end, container-attach.c takes over from an
 * earlier supervisor.
 */
#ifndef WHERRY_GUEST_CONTAINER_IMPL_H
#define WHERRY_GUEST_CONTAINER_IMPL_H

#include "life/container.h"

enum { CONTAINER_GIVE_UP_MS = 5000 }; /* after SIGKILL */

/*
 * Write the record if it has changed. A failure is only reported, since it matters only if the
 * supervisor dies as well.
 */
void container_save(struct container *c);
/* How long the present state may last, as a time of uptime_ms(); 0: forever. */
uint64_t container_limit_of_state(const struct container *c);

void container_act(struct container *c, enum life_action action);
/* Have the runtime create it, now that nothing is left of an earlier run. */
void container_make(struct container *c);

/* It could not be created or started. err is freed. */
void container_broken(struct container *c, struct werr *err);
/*
 * The delay before the next start, in ms, if the run ends now; *ret_streak: the number of failures
 * in a row by then.
 */
uint64_t container_delay(const struct container *c, uint64_t *ret_streak);
/* Its processes survive even SIGKILL: go on without them. False: there is nothing to give up. */
bool container_give_up(struct container *c);

#endif
