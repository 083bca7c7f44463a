/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WHERRY_VM_MACHINES_IMPL_H
#define WHERRY_VM_MACHINES_IMPL_H

#include "vm/machines.h"

/* The directory with the links; it need not exist. */
int vm_machines_dir(char **ret, struct werr **err);
/* The name of the machine with this state directory. */
char *vm_machine_name(const char *dir);
/*
 * Whether the state directory is the caller's alone. Whoever else can write to it chooses what
 * QEMU's log overwrites, and which process `run stop` ends.
 */
int vm_machine_check_dir(const char *dir, struct werr **err);
/* Choose the accelerator, make the disks, and look at what will go wrong. */
int qemu_prepare(struct qemu_spec *spec, struct werr **err);

#endif
