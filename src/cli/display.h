/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What goes on while a verb runs, on stderr: log lines, and progress as bars on a terminal, as a
 * line for each finished step in a log, or for programs as JSON objects, one per line.
 */
#ifndef WHERRY_CLI_DISPLAY_H
#define WHERRY_CLI_DISPLAY_H

#include "cli/context.h"

struct display;

/* Takes over the log. fd is stderr; the options decide what is shown; called has to outlive it. */
struct display *display_new(
	int fd, const struct global_options *options, const struct called *called);
/* NULL when no progress is wanted. Calls may come from any thread. */
const struct progress *display_progress(struct display *d);
/* Removes the bars. */
void display_free(struct display *d);
DEFINE_CLEANUP(struct display *, display_free, display)

#endif
