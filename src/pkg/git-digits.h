/* SPDX-License-Identifier: Apache-2.0 */
/* The digits of a changed directory, as LinuxKit counts them. */
#ifndef WHERRY_PKG_GIT_DIGITS_H
#define WHERRY_PKG_GIT_DIGITS_H

#include "base/error.h"

/* Before the digits that a hash has for uncommitted changes. */
#define GIT_DIRTY "-dirty-"

/*
 * Replace the digits after "-dirty-" of *hash, if it has some, by LinuxKit's: the beginning of the
 * SHA-256 of the bytes of all regular files in dir, those that git tracks and then the new ones. It
 * covers neither names nor modes nor links nor extra sources, so different contents may have the
 * same digits.
 */
int git_digits_of_linuxkit(const char *dir, char **hash, struct werr **err);

#endif
