/* SPDX-License-Identifier: Apache-2.0 */
/* Running a program of the same image to its end. */
#ifndef WHERRY_GUEST_RUNTOOL_H
#define WHERRY_GUEST_RUNTOOL_H

#include "base/error.h"

/*
 * Run argv, whose first word is the program's path, with this program's output. WERR_FAILED: it
 * did not end with exit code 0; *ret_code (may be NULL) is then its exit code, or -1.
 */
int runtool(const char *const *argv, int *ret_code, struct werr **err);

#endif
