/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A relay between two sockets: what is read from one end is written to the other, with the end of
 * what there is to read (shutdown(2)), until both directions have ended.
 */
#ifndef WHERRY_GUEST_RELAY_H
#define WHERRY_GUEST_RELAY_H

#include <stdbool.h>
#include <stddef.h>

#include "common/loop.h"

enum { RELAY_BYTES = 16 << 10 }; /* on their way, in each direction */

struct relay;

/*
 * Relay between two non-blocking sockets, which become the relay's: front is connected, back may
 * still be connecting. NULL when the loop can't take them, which closes them.
 */
struct relay *relay_new(int loop, int front, int back);
/* Has it ended, or failed? It is then to be freed, but not by a function that the loop calls. */
bool relay_is_over(const struct relay *r);
void relay_free(struct relay *r);

#endif
