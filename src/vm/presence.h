/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where others find a machine that runs in the foreground: a directory of the user's alone beside
 * the links of machines.h, called by the process that runs it, with the machine's name and its
 * sockets. It counts for as long as that process has it locked.
 */
#ifndef WHERRY_VM_PRESENCE_H
#define WHERRY_VM_PRESENCE_H

#include <stdbool.h>

#define PRESENCE_NAME "name"

struct vm_presence {
	char *dir; /* NULL: there is none */
	int lock;
};

/*
 * Make it. Without one a machine runs as well: a failure is only noted in the log, and ret->dir is
 * NULL then.
 */
void vm_presence_begin(const char *name, struct vm_presence *ret);
/* Remove it. */
void vm_presence_cleanup(struct vm_presence *p);
/* Whether the process is there that has made it; false also for what is no such directory. */
bool vm_presence_is_real(const char *dir);

#endif
