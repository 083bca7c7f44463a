/* SPDX-License-Identifier: Apache-2.0 */
/* The language of test files (docs/testing.md) as a table of keys: config/schema.h. */
#ifndef WHERRY_PROBE_SCHEMA_H
#define WHERRY_PROBE_SCHEMA_H

#include "config/schema.h"

extern const struct key_map probe_schema;

/* By what a machine is started: the words of `firmware`, in the order of the enumeration. */
enum probe_firmware {
	PROBE_DIRECT, /* QEMU starts the kernel itself */
	PROBE_BIOS,
	PROBE_UEFI,
	PROBE_SECURE_BOOT, /* UEFI, which starts only what is signed */
	PROBE_U_BOOT,
	PROBE_FIRMWARES
};
extern const char *const probe_firmwares[];

/* How a machine ends: the words of `exit`. */
enum probe_exit { PROBE_POWEROFF, PROBE_REBOOT, PROBE_PANIC, PROBE_EXITS };
extern const char *const probe_exits[];

/* What a step is known by: the keys of an element of `expect`, of which it has one. */
enum probe_kind {
	PROBE_CONSOLE,
	PROBE_SERVICES,
	PROBE_HTTP,
	PROBE_TCP,
	PROBE_SEND,
	PROBE_BUTTON,
	PROBE_EXIT,
	PROBE_KINDS
};
extern const char *const probe_kinds[];

#endif
