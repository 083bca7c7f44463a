/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is going on, on stderr, while a verb runs: log lines, and progress as bars on a terminal, as
 * a line for each finished step in a log, or as JSON objects, one a line, for programs.
 */
#ifndef WHERRY_CLI_DISPLAY_H
#define WHERRY_CLI_DISPLAY_H

#include "cli/context.h"

struct display;

/* Takes over the log. fd is stderr; the options decide what is shown. */
struct display *display_new(int fd, const struct global_options *options);
/* NULL when no progress is wanted. Calls may come from any thread. */
const struct progress *display_progress(struct display *d);
/* Takes the bars away. */
void display_free(struct display *d);
DEFINE_CLEANUP(struct display *, display_free, display)

#endif
