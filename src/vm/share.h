/* SPDX-License-Identifier: Apache-2.0 */
/* Directories of this machine in the guest, by virtiofsd: a process for each. */
#ifndef WHERRY_VM_SHARE_H
#define WHERRY_VM_SHARE_H

#include <sys/types.h>

#include "vm/qemu.h"

struct vm_shares {
	pid_t *pids; /* of those that run; the last one of an unfinished start may be missing */
	size_t n;
};

/*
 * Start virtiofsd for each of the machine's directories, listening at `virtiofs0` and so on in its
 * share_dir. They end with the machine, or with this process unless the machine is detached.
 * WERR_NOT_FOUND, with the package to install.
 */
int vm_shares_start(const struct qemu_spec *spec, struct vm_shares *ret, struct werr **err);
/* They go on without us. */
void vm_shares_leave(struct vm_shares *s);
/* End them. */
void vm_shares_cleanup(struct vm_shares *s);

#endif
