/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Machines in the background that must not outlive this process, however that ends: a process that
 * waits for it, and kills the machine then.
 */
#ifndef WHERRY_VM_GUARD_H
#define WHERRY_VM_GUARD_H

#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

struct vm_guard {
	pid_t pid; /* 0: there is none */
	int fd;    /* the end of a pipe whose other end sees when this process is gone */
};
/* Guard the machine with this process, which runs. */
int vm_guard_start(uint64_t machine, struct vm_guard *ret, struct werr **err);
/* Stop guarding; the machine is killed if it still runs. */
void vm_guard_end(struct vm_guard *g);

#endif
