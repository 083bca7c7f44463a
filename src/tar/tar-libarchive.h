/* SPDX-License-Identifier: Apache-2.0 */
/* What libarchive's tar reader needs around it. */
#ifndef WHERRY_TAR_TAR_LIBARCHIVE_H
#define WHERRY_TAR_TAR_LIBARCHIVE_H

#include <locale.h>

#include "base/error.h"

/*
 * It converts names from and to the characters of the thread's locale. This gives the thread one in
 * which that changes nothing, whatever the user's is.
 */
struct tar_locale {
	locale_t utf8, before;
};
/* Until tar_locale_leave in the same thread. Fails when the system has no such locale. */
int tar_locale_enter(struct tar_locale *l, struct werr **err);
/* Nothing happens when it was not entered (all is 0), or has been left. */
void tar_locale_leave(struct tar_locale *l);

/*
 * It holds all that the headers of an entry say in memory, and of a sparse file's map 48 bytes for
 * each 4: whoever feeds it counts the bytes between two entries. The error for more than max.
 */
int tar_refuse_header(int max, struct werr **err);

#endif
