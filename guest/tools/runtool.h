/* SPDX-License-Identifier: Apache-2.0 */
/* Running a program of the same image to its end. */
#ifndef WHERRY_GUEST_RUNTOOL_H
#define WHERRY_GUEST_RUNTOOL_H

#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

/*
 * Run argv, whose first word is the program's path, with this program's output. WERR_FAILED: it
 * did not end with exit code 0; *ret_code (may be NULL) is then its exit code, or -1.
 */
int runtool(const char *const *argv, int *ret_code, struct werr **err);
/* The same, for at most limit ms: then it is killed, with WERR_TIMEOUT. */
int runtool_for(const char *const *argv, uint64_t limit, struct werr **err);
/* argv of words, owned by the caller; they belong to the list. */
const char **runtool_argv(const struct strv *words);

#endif
