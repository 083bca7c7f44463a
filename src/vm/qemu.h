/* SPDX-License-Identifier: Apache-2.0 */
/* QEMU: from what the user wants to an argument list, and running it. */
#ifndef WHERRY_VM_QEMU_H
#define WHERRY_VM_QEMU_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

struct qemu_disk {
	char *path, *format; /* format: "raw", "qcow2" */
	uint64_t size;       /* bytes; not 0: make it when it is missing */
};
/* "[file=]PATH[,size=1G][,format=qcow2]" */
int qemu_disk_parse(const char *text, struct qemu_disk *ret, struct werr **err);
void qemu_disk_cleanup(struct qemu_disk *d);

enum qemu_accel { QEMU_ACCEL_AUTO, QEMU_ACCEL_KVM, QEMU_ACCEL_TCG };

struct qemu_spec {
	const char *qemu; /* the program, NULL: by arch */
	const char *arch; /* "amd64", "arm64" */
	enum qemu_accel accel;
	const char *kernel, *initrd, *cmdline; /* files; the cmdline's text */
	uint64_t mem_mib, cpus;
	struct qemu_disk *disks;
	size_t n_disks;
	struct strv publish;   /* "8080:80", "8080:80/udp", "127.0.0.1:8080:80" */
	bool network;          /* user networking */
	const char *control;   /* a path for QMP's socket, or NULL */
	bool console_on_stdio; /* serial console with Ctrl-A X on a terminal */
};

/* Can this process use /dev/kvm for this architecture? (It is really tried.) */
bool qemu_kvm_works(const char *arch);
/* The argument list. WERR_INVALID for a bad publish and such; WERR_NOT_FOUND with the package to install. */
int qemu_arguments(const struct qemu_spec *spec, struct strv *ret, struct werr **err);
/* Run it in the foreground until it ends; makes missing disks first. *exit_code is QEMU's. */
int qemu_run(const struct qemu_spec *spec, int *exit_code, struct werr **err);

#endif
