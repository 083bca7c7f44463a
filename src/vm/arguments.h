/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of QEMU's argument list. */
#ifndef WHERRY_VM_ARGUMENTS_H
#define WHERRY_VM_ARGUMENTS_H

#include "vm/qemu.h"

/* The disks, the CDs and the firmware. */
void qemu_add_drives(struct strv *v, const struct qemu_spec *spec, bool has_scsi);

#endif
