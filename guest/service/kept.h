/* SPDX-License-Identifier: Apache-2.0 */
/* What PID 1 kept for us: arguments "KIND:NAME=NUMBER", which end with NULL. */
#ifndef WHERRY_GUEST_KEPT_H
#define WHERRY_GUEST_KEPT_H

/* A number that is a descriptor of ours; -1: it is not. */
int kept_descriptor(const char *text);
/* The descriptor, which becomes the caller's; -1: there is none. */
int kept_take(char **kept, const char *kind, const char *name);

#endif
