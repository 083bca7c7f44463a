/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Creating and moving network interfaces: the part of rtnetlink(7) that runtime.json's `interfaces`
 * needs.
 */
#ifndef WHERRY_GUEST_LINK_H
#define WHERRY_GUEST_LINK_H

#include <sys/types.h>

#include "base/error.h"
#include "common/rtnl.h"

enum { LINK_NAME_MAX = 15 };

/*
 * Create an interface of that kind. peer: the other end of a veth, or NULL. pid: create it in the
 * namespace of that process; 0: in this one.
 */
void link_message_add(
	struct rtnl_message *m, const char *name, const char *kind, const char *peer, pid_t pid);
/* Move the interface to the namespace of the process. */
void link_message_move(struct rtnl_message *m, unsigned index, pid_t pid);
/* Remove the interface, and its peer. */
void link_message_remove(struct rtnl_message *m, unsigned index);

/* Do it. The peer of a veth stays in this namespace. */
int link_add(const char *name, const char *kind, const char *peer, pid_t pid, struct werr **err);
int link_move(const char *name, pid_t pid, struct werr **err);
/* Does nothing when there is no such interface, or it can't be removed. */
void link_remove(const char *name);

#endif
