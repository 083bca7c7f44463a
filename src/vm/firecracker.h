/* SPDX-License-Identifier: Apache-2.0 */
/* Firecracker: the machines that what the format firecracker wrote is for. */
#ifndef WHERRY_VM_FIRECRACKER_H
#define WHERRY_VM_FIRECRACKER_H

#include "base/error.h"

/*
 * Run it in a directory that the format has written, with this terminal as the guest's console,
 * until it ends; *ret_exit_code is the program's. program: its path or name; NULL: "firecracker".
 * WERR_NOT_FOUND: it is no such directory, or there is no such program.
 */
int firecracker_run(const char *dir, const char *program, int *ret_exit_code, struct werr **err);

#endif
