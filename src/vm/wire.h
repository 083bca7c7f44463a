/* SPDX-License-Identifier: Apache-2.0 */
/* A connection to the supervisor of a machine that runs here: contract/outside.h. */
#ifndef WHERRY_VM_WIRE_H
#define WHERRY_VM_WIRE_H

#include "vm/machines.h"

/* So many can be connected to one machine. */
enum { VM_WIRES = 3 };
#define WIRE_LOCK "service.lock"

struct vm_wire {
	int fd; /* it never waits */
	int lock;
};
#define VM_WIRE_INIT ((struct vm_wire){-1, -1})

/*
 * Connect to a port that nobody is connected to. ret->fd is -1 when the machine does not run, or
 * has none. WERR_EXISTS: all are in use; WERR_DENIED: the machine is another user's.
 */
int vm_wire_open(const struct vm_machine *m, struct vm_wire *ret, struct werr **err);
void vm_wire_cleanup(struct vm_wire *w);

#endif
