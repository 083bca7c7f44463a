/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state directory of a machine: what is made for it and kept from one run to the next. It is
 * made, for its owner only, when something goes into it.
 */
#ifndef WHERRY_VM_STATE_H
#define WHERRY_VM_STATE_H

#include "vm/qemu-options.h"

struct vm_state {
	char *dir;
	char *name; /* of the machine */
	char *data; /* the image of a CD with --data */
	char *mac;
	char *unpacked;                    /* the disk that was packed in what is booted */
	struct vm_firmware_found firmware; /* if it has a row */
};

/* PATH is what was given to run. */
void vm_state_begin(const struct qemu_options *o, const char *path, struct vm_state *ret);
/*
 * Make what the options ask for, and put it into the machine, which refers to *ret afterwards: the
 * CD with metadata, the firmware and its variables, an address for a network that others are in;
 * and the names of disks without one.
 */
int vm_state_fill(const struct qemu_options *o, struct qemu_spec *spec, struct vm_state *ret,
	struct werr **err);
/*
 * The disk that is booted: f->disk, or, when that is a disk in a compressed tar, the disk, which is
 * unpacked anew; then *f says what starts it. The state keeps *ret.
 */
int vm_state_find_disk(
	struct vm_state *s, struct boot_files *f, const char **ret, struct werr **err);
void vm_state_cleanup(struct vm_state *s);

#endif
