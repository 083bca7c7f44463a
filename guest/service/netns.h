/* SPDX-License-Identifier: Apache-2.0 */
/* Being for a moment in another process's network namespace: a socket made there stays there. */
#ifndef WHERRY_GUEST_NETNS_H
#define WHERRY_GUEST_NETNS_H

#include <sys/types.h>

/* A descriptor that leads back, for netns_leave(); -errno when it could not be entered. */
int netns_enter(pid_t pid);
void netns_leave(int back);

#endif
