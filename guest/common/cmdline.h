/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel's command line: options NAME=VALUE and NAME, separated by blanks; double quotes hold
 * blanks together. */
#ifndef WHERRY_GUEST_CMDLINE_H
#define WHERRY_GUEST_CMDLINE_H

#include <stdbool.h>
#include <stdint.h>

/* /proc/cmdline, "" when it can't be read; in a container the environment's WHERRY_CMDLINE. Owned
 * by the caller. */
char *cmdline_read(void);
/* The value of the last option of that name, without quotes; "" when it has none, NULL when it
 * isn't there. Owned. */
char *cmdline_value(const char *cmdline, const char *name);
/* NAME, NAME=1, NAME=yes, NAME=on and NAME=true are true; absent and all else is false. */
bool cmdline_flag(const char *cmdline, const char *name);
/* A whole number; fallback when it is absent or no number up to max. */
uint64_t cmdline_number(const char *cmdline, const char *name, uint64_t fallback, uint64_t max);

#endif
