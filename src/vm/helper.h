/* SPDX-License-Identifier: Apache-2.0 */
/* Programs that run beside QEMU, which reaches them through a socket: virtiofsd, swtpm. */
#ifndef WHERRY_VM_HELPER_H
#define WHERRY_VM_HELPER_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

enum { VM_HELPER_FD = 3 };

/*
 * Start one, whose descriptor VM_HELPER_FD listens at a path. argv[0] is a path; NULL ends it. It
 * ends with this process, unless it stays; then it is to end with its connection.
 */
int vm_helper_start(
	const char *const *argv, const char *socket, bool stays, pid_t *ret, struct werr **err);
/* Kill it, and wait for its end. */
void vm_helper_end(pid_t pid);

#endif
