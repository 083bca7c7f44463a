/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What PID 1 and the supervisor say of themselves (common/console.h), besides on the console: in
 * the kernel's log, and in the ring that the supervisor keeps for it (log/journal.h).
 */
#ifndef WHERRY_GUEST_OWNLINES_H
#define WHERRY_GUEST_OWNLINES_H

#include <stddef.h>
#include <stdint.h>

/* PID 1 keeps the descriptor as OWNLINES_KEPT:OWN_NAME (common/kept.h). */
#define OWNLINES_KEPT "said"

/* A line of PID 1's, as a message to the supervisor. Shorter ones are cut off behind their text. */
enum { OWNLINES_TEXT_MAX = 1000 };
struct ownlines_message {
	uint64_t ms; /* uptime_ms() when it was said */
	char text[OWNLINES_TEXT_MAX];
};

/*
 * PID 1: from now on send what it says to the kernel's log and to the supervisor. The descriptor
 * that the supervisor reads messages from, which holds what no supervisor has read yet; -1: none.
 */
int ownlines_begin(void);
/*
 * Add a line to the kernel's log, which `dmesg` shows, at a level at which the kernel does not show
 * it on the console. After a hundred lines, at most five in a second are added.
 */
void ownlines_to_kernel(const char *text, size_t size);

#endif
