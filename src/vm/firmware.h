/* SPDX-License-Identifier: Apache-2.0 */
/* Firmware for QEMU's machines, where distributions put it. */
#ifndef WHERRY_VM_FIRMWARE_H
#define WHERRY_VM_FIRMWARE_H

#include <stdbool.h>

#include "base/error.h"

enum vm_firmware_kind {
	VM_FIRMWARE_UEFI,   /* EDK II: OVMF on a PC, AAVMF on arm64 */
	VM_FIRMWARE_SECURE, /* the same, which starts only what is signed */
	VM_FIRMWARE_U_BOOT, /* which starts what UEFI starts of a virtio disk */
	VM_FIRMWARE_KINDS
};

/* How QEMU is given a firmware. */
enum vm_handover {
	VM_HANDOVER_PFLASH, /* the code in one flash, its variables in another */
	VM_HANDOVER_SMM,    /* the same, and only SMM can write the variables */
	VM_HANDOVER_BIOS,   /* -bios */
	VM_HANDOVER_KERNEL, /* -kernel, behind what QEMU has as -bios itself */
};

enum { VM_FIRMWARE_PLACES = 4 };

/* A firmware, wherever it is. */
struct vm_firmware {
	const char *arch;
	enum vm_firmware_kind kind;
	enum vm_handover handover;
	const char *machine; /* more for QEMU's -M, or NULL */
	const char *package; /* Debian's, with its first release if Debian 12 does not have it */
	struct vm_firmware_place {
		const char *code, *variables; /* what those begin as; NULL: it keeps none */
	} places[VM_FIRMWARE_PLACES + 1];
};

/* A firmware that is there. */
struct vm_firmware_found {
	const struct vm_firmware *row;
	char *code, *variables; /* as in a place */
};

/*
 * The first one of these kinds (a list of n) that is installed, or (given, unless it is NULL) a
 * file of the user's. WERR_NOT_FOUND with the package to install; WERR_UNSUPPORTED: there is no
 * such firmware for the architecture.
 */
int vm_firmware_find(const char *arch, const char *given, const enum vm_firmware_kind *kinds,
	size_t n, struct vm_firmware_found *ret, struct werr **err);
void vm_firmware_found_cleanup(struct vm_firmware_found *f);

#endif
