/* SPDX-License-Identifier: Apache-2.0 */
/* service: asks the supervisor; and what its answers look like. */
#ifndef WHERRY_GUEST_SERVICE_TOOL_H
#define WHERRY_GUEST_SERVICE_TOOL_H

#include <stdio.h>

#include "base/buf.h"
#include "control/request.h"
#include "data/node.h"

/* 0: done, 1: it failed, 2: wrong usage; exec: what the program ended with. */
int service_main(int argc, char **argv);

/* Bytes of an answer as a table or a picture, which is the longest. */
enum { SERVICE_SHOWN_MAX = 4 * REQUEST_ANSWER_MAX };

/*
 * Print what may have bytes and names of containers: a terminal is not to obey them
 * (data/printable.h); a file or a program gets them as they are.
 */
void service_print(FILE *f, const char *what);
/* A line of the log, with the container's name on demand, to stdout. */
void service_print_line(const struct node *line, bool with_name);

/* The answer to "list" as a table; before: an earlier one, for the use of the processor since then,
 * or NULL. */
void service_show_list(struct buf *out, const struct node *answer, const struct node *before);
/* The answer to "boot": a line each, with a bar; or a picture (SVG). */
void service_show_boot(struct buf *out, const struct node *answer);
void service_show_boot_svg(struct buf *out, const struct node *answer);
/* "1.2 s", "3 min", "2 h", "5 d" */
void service_show_time(char dst[static 16], uint64_t ms);

#endif
