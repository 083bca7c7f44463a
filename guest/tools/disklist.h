/* SPDX-License-Identifier: Apache-2.0 */
/* The disks that a command line means. */
#ifndef WHERRY_GUEST_DISKLIST_H
#define WHERRY_GUEST_DISKLIST_H

#include "base/error.h"
#include "base/str.h"

enum { DISKLIST_MAX = 256, DISKLIST_WAIT_MS = 30000 };

/*
 * Wait for one of the disks that the words, paths or patterns as in glob(7), mean; without words,
 * for any real one. *ret gets the names of all, sorted, at most DISKLIST_MAX. WERR_NOT_FOUND.
 */
int disklist_wait(const struct strv *words, struct strv *ret, struct werr **err);
/* WERR_USAGE for a word that is not a path below /dev. */
int disklist_check(const struct strv *words, struct werr **err);

#endif
