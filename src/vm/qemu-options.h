/* SPDX-License-Identifier: Apache-2.0 */
/* The options that describe a machine of QEMU's. */
#ifndef WHERRY_VM_QEMU_OPTIONS_H
#define WHERRY_VM_QEMU_OPTIONS_H

#include "options/option.h"
#include "vm/qemu.h"

struct qemu_options {
	const char *accel, *arch, *qemu, *control, *networking;
	uint64_t mem, cpus;
	struct strv disks, publish;
	bool no_reboot;
	bool squashfs; /* it is an error when the root is not on a squashfs */
};
extern const struct option qemu_options[];

/*
 * The machine that they describe, but for what is booted; arch is NULL unless it was given. It
 * refers to o, and is the caller's to clean up with qemu_spec_cleanup, also after a failure.
 */
int qemu_options_apply(const struct qemu_options *o, struct qemu_spec *ret, struct werr **err);

#endif
