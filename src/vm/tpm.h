/* SPDX-License-Identifier: Apache-2.0 */
/* A TPM 2.0 for the machine, by swtpm: a process beside QEMU. */
#ifndef WHERRY_VM_TPM_H
#define WHERRY_VM_TPM_H

#include <sys/types.h>

#include "vm/qemu.h"

#define MACHINE_TPM "tpm.sock" /* in spec->share_dir */

/*
 * Start swtpm if the machine has a TPM; what that keeps is in tpm/ in share_dir. *ret is its
 * process, or 0. It ends when QEMU does. WERR_NOT_FOUND, with the package to install.
 */
int vm_tpm_start(const struct qemu_spec *spec, pid_t *ret, struct werr **err);
/* End it, unless it is 0 or has ended. */
void vm_tpm_cleanup(pid_t *pid);

#endif
