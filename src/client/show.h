/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The supervisor's answers as tables and drawings. width: columns of the terminal; what is made has
 * no longer lines where that can be. Cells have nothing that a terminal would act on.
 */
#ifndef WHERRY_CLIENT_SHOW_H
#define WHERRY_CLIENT_SHOW_H

#include <stdint.h>

#include "base/buf.h"
#include "client/request.h"
#include "data/node.h"

/* Bytes of an answer as a table, or as a picture, which is longer. */
enum { CLIENT_SHOWN_MAX = 4 * REQUEST_ANSWER_MAX };

/* The answer to "list": what runs, and why the rest does not. */
void client_show_list(struct buf *out, const struct node *answer, size_t width);
/*
 * The same with what they use. before: an earlier answer, for the use of the processor since then,
 * or NULL.
 */
void client_show_top(
	struct buf *out, const struct node *answer, const struct node *before, size_t width);
/* The answer to "status": all that is known of one container, on one screen. */
void client_show_status(struct buf *out, const struct node *answer, size_t width);
/* The answer to "boot": one line each, with a bar; or a picture (SVG), which has its own width. */
void client_show_boot(struct buf *out, const struct node *answer, size_t width);
void client_show_boot_svg(struct buf *out, const struct node *answer, size_t width);
/*
 * The picture, with the time before the kernel began, if it is known, else 0. It fits any width
 * from that of a phone on, and refers to nothing else.
 */
void client_draw_boot(struct buf *out, const struct node *answer, uint64_t firmware_ms);
/* A line of an answer to "logs", optionally with the container's name. */
void client_show_line(struct buf *out, const struct node *line, bool with_name);
/* "1.2 s", "3 min", "2 h", "5 d" */
void client_show_time(char dst[static 16], uint64_t ms);

#endif
