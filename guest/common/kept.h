/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Descriptors that PID 1 keeps for the supervisor under "KIND:NAME", and hands to the next one as
 * arguments "KIND:NAME=NUMBER".
 */
#ifndef WHERRY_GUEST_KEPT_H
#define WHERRY_GUEST_KEPT_H

/* Have PID 1 keep a copy of fd; drop it. channel: to PID 1; -1: there is none (in the tests). */
void kept_put(int channel, const char *kind, const char *name, int fd);
void kept_drop(int channel, const char *kind, const char *name);

/* The descriptor that a number stands for, made close-on-exec; -1: it is not open. */
int kept_descriptor(const char *number);
/* The descriptor that was kept, owned by the caller; -1: none. args ends with NULL. */
int kept_take(char **args, const char *kind, const char *name);

#endif
