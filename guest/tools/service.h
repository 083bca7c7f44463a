/* SPDX-License-Identifier: Apache-2.0 */
/* The program service: asks the supervisor and shows its answers. */
#ifndef WHERRY_GUEST_SERVICE_TOOL_H
#define WHERRY_GUEST_SERVICE_TOOL_H

#include <stdio.h>

#include "base/buf.h"
#include "control/request.h"
#include "data/node.h"

/* 0: success, 1: failure, 2: wrong usage; exec: the program's exit code. */
int service_main(int argc, char **argv);

/* Bytes of an answer as a table, or as a picture, which is longer. */
enum { SERVICE_SHOWN_MAX = 4 * REQUEST_ANSWER_MAX };

/*
 * Print text with names and output of containers. On a terminal, control characters in it are
 * escaped (data/printable.h); a file or a program gets them unchanged.
 */
void service_print(FILE *f, const char *what);
/* Print a line of the log to stdout, optionally with the container's name. */
void service_print_line(const struct node *line, bool with_name);

/*
 * The answer to "list" as a table. before: an earlier answer, to show the use of the processor
 * since then, or NULL.
 */
void service_show_list(struct buf *out, const struct node *answer, const struct node *before);
/* The answer to "boot": one line each, with a bar; or a picture (SVG). */
void service_show_boot(struct buf *out, const struct node *answer);
void service_show_boot_svg(struct buf *out, const struct node *answer);
/* "1.2 s", "3 min", "2 h", "5 d" */
void service_show_time(char dst[static 16], uint64_t ms);

#endif
