/* SPDX-License-Identifier: Apache-2.0 */
/* What the guest says: one line a step, with the seconds since the kernel started. */
#ifndef WHERRY_GUEST_CONSOLE_H
#define WHERRY_GUEST_CONSOLE_H

#include "base/attr.h"
#include "base/error.h"

/*
 * "[    1.53] wherry: TEXT" to /dev/console, whatever the kernel's own log level is ("quiet" hides
 * none of it). In TEXT may be bytes of others: see data/printable.h. A console that takes nothing
 * holds nobody up for long: then lines are lost.
 */
void console_line(const char *fmt, ...) ATTR_PRINTF(1, 2);
/* "WHAT: FILE:LINE: message (hint); FOLLOWS", for each error of the list; it is freed and *err is
 * NULL again. */
void console_error(struct werr **err, const char *what, const char *follows);
/*
 * From now on lines go to stderr, as in a container: for the tests, which are not to write to the
 * machine's console.
 */
void console_to_stderr(void);

#endif
