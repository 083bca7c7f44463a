/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WHERRY_VM_MACHINES_IMPL_H
#define WHERRY_VM_MACHINES_IMPL_H

#include "vm/machines.h"

/* The directory with the links; it need not exist. */
int vm_machines_dir(char **ret, struct werr **err);
/* The name of the machine with this state directory. */
char *vm_machine_name(const char *dir);
/* process_spec's enter of a QEMU: what it makes is for its user only. */
int qemu_enter(void *ctx);
/* Choose the accelerator, make the disks, and look at what will go wrong. */
int qemu_prepare(struct qemu_spec *spec, struct werr **err);

#endif
