/* SPDX-License-Identifier: Apache-2.0 */
/* What callers of libarchive's tar reader need: a locale, and a limit on headers. */
#ifndef WHERRY_TAR_TAR_LIBARCHIVE_H
#define WHERRY_TAR_TAR_LIBARCHIVE_H

#include <locale.h>

#include "base/error.h"

/*
 * libarchive converts names to and from the character set of the thread's locale. This gives the
 * thread a locale in which that changes nothing, whatever the user's is.
 */
struct tar_locale {
	locale_t utf8, before;
};
/*
 * Enter the locale until tar_locale_leave is called in the same thread. WERR_FAILED: the system
 * does not have such a locale.
 */
int tar_locale_enter(struct tar_locale *l, struct werr **err);
/* Restore the locale. Does nothing when it was not entered (zeroed), or has been left. */
void tar_locale_leave(struct tar_locale *l);

/*
 * Set the error for headers of an entry that are larger than max bytes. libarchive keeps all of
 * them in memory, and needs 48 bytes for each 4 of a sparse file's map, so its caller has to count
 * the bytes between two entries.
 */
int tar_refuse_header(int max, struct werr **err);

#endif
