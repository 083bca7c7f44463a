/* SPDX-License-Identifier: Apache-2.0 */
/* What would go wrong with a machine, said before it starts. */
#ifndef WHERRY_VM_PREFLIGHT_H
#define WHERRY_VM_PREFLIGHT_H

#include "vm/qemu.h"

/*
 * Warn when a machine's memory is too little; WERR_EXISTS, WERR_DENIED or WERR_INVALID when a port
 * that is to be published can't be.
 */
int vm_preflight(const struct qemu_spec *spec, struct werr **err);
/*
 * Whether QEMU's program for an architecture is installed: WERR_NOT_FOUND with the package, or
 * WERR_UNSUPPORTED when there is no machine for it.
 */
int vm_program_find(const char *arch, struct werr **err);
/*
 * Why KVM can't be used for a machine of an architecture, such as "there is no /dev/kvm" or "this
 * machine is amd64". The caller frees it.
 */
char *vm_kvm_problem(const char *arch);

#endif
