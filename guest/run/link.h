/* SPDX-License-Identifier: Apache-2.0 */
/* Network interfaces made and moved: the little of rtnetlink(7) that runtime.json's `interfaces`
 * needs. */
#ifndef WHERRY_GUEST_LINK_H
#define WHERRY_GUEST_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

enum { LINK_MESSAGE_MAX = 512, LINK_NAME_MAX = 15 };

/* A request, which fails when it does not fit. */
struct link_message {
	_Alignas(4) unsigned char bytes[LINK_MESSAGE_MAX];
	size_t size;
	bool failed;
};
/* Make an interface of that kind; its peer (veth) may be NULL; pid: in that process's namespace, 0:
 * here. */
void link_message_add(
	struct link_message *m, const char *name, const char *kind, const char *peer, pid_t pid);
/* Move interface number index to the process's namespace. */
void link_message_move(struct link_message *m, unsigned index, pid_t pid);
/* Remove interface number index, with its peer. */
void link_message_remove(struct link_message *m, unsigned index);

/* Do these. The peer of a veth stays here. */
int link_add(const char *name, const char *kind, const char *peer, pid_t pid, struct werr **err);
int link_move(const char *name, pid_t pid, struct werr **err);
/* Where there is none, or it can't be removed, nothing is done. */
void link_remove(const char *name);

#endif
