/* SPDX-License-Identifier: Apache-2.0 */
/* The options that describe a machine of QEMU's. */
#ifndef WHERRY_VM_QEMU_OPTIONS_H
#define WHERRY_VM_QEMU_OPTIONS_H

#include "options/option.h"
#include "vm/qemu.h"

struct qemu_options {
	const char *accel, *append, *arch, *boot_chart, *qemu, *control, *networking;
	const char *data, *data_file, *state, *firmware, *virtiofsd, *root;
	const char *secure_boot; /* a file with a certificate */
	uint64_t mem, cpus;
	struct strv credentials, devices, disks, publish, shares;
	bool detached, exit_on_panic, no_reboot, gui, iso, kernel, tpm, uefi, u_boot, usb;
	bool squashfs; /* LinuxKit's way to say root = "squashfs" */
};
extern const struct option qemu_options[];

/*
 * The machine that they describe, but for what is booted and kept; arch is NULL unless it was
 * given. as_linuxkit: disks are SCSI, and new ones qcow2. It refers to o, and is the caller's to
 * clean up with qemu_spec_cleanup, also after a failure.
 */
int qemu_options_apply(
	const struct qemu_options *o, bool as_linuxkit, struct qemu_spec *ret, struct werr **err);

#endif
