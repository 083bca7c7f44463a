/* SPDX-License-Identifier: Apache-2.0 */
/* What the guest prints: one line per step, with the seconds since the kernel started. */
#ifndef WHERRY_GUEST_CONSOLE_H
#define WHERRY_GUEST_CONSOLE_H

#include <stddef.h>

#include "base/attr.h"
#include "base/error.h"

/*
 * Print "[ 1.53] wherry: TEXT" to /dev/console, whatever the kernel's log level ("quiet" does not
 * hide it). TEXT may contain untrusted bytes; they are escaped (data/printable.h). A console that
 * does not accept output delays the caller only briefly; then lines are lost.
 */
void console_line(const char *fmt, ...) ATTR_PRINTF(1, 2);
/* The same for what is not the guest's own, as a container's output: console_tap() is not told. */
void console_show(const char *fmt, ...) ATTR_PRINTF(1, 2);
/* Have somebody told of each console_line(): its text without time and prefix, escaped. */
void console_tap(void (*tap)(void *ctx, const char *text, size_t size), void *ctx);
/*
 * Print "WHAT: FILE:LINE: message (hint); FOLLOWS" for each error of the list, free it, and set
 * *err to NULL.
 */
void console_error(struct werr **err, const char *what, const char *follows);
/* From now on print to stderr, as in a container: tests must not write to the machine's console. */
void console_to_stderr(void);

#endif
