/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's command line: options NAME=VALUE and NAME, separated by spaces. Double quotes
 * protect spaces.
 */
#ifndef WHERRY_GUEST_CMDLINE_H
#define WHERRY_GUEST_CMDLINE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * /proc/cmdline, "" when it can't be read; in a container, the environment variable WHERRY_CMDLINE.
 * Owned by the caller.
 */
char *cmdline_read(void);
/*
 * The value of the last option of that name, without quotes; "" when it has no value, NULL when it
 * is absent. Owned by the caller.
 */
char *cmdline_value(const char *cmdline, const char *name);
/*
 * NAME, NAME=1, NAME=yes, NAME=on and NAME=true are true; anything else is false, and so is an
 * absent option.
 */
bool cmdline_flag(const char *cmdline, const char *name);
/* A whole number; fallback when the option is absent or is not a number up to max. */
uint64_t cmdline_number(const char *cmdline, const char *name, uint64_t fallback, uint64_t max);

#endif
