/* SPDX-License-Identifier: Apache-2.0 */
/* The answers of the supervisor's socket: a line of JSON each. */
#ifndef WHERRY_GUEST_ANSWER_H
#define WHERRY_GUEST_ANSWER_H

#include "base/buf.h"
#include "data/json.h"
#include "life/containers.h"
#include "log/ring.h"

void answer_error(struct buf *out, const char *message);
void answer_state(struct buf *out, const struct containers *all, const struct container *c);
/* All that is known of one. */
void answer_status(struct buf *out, const struct containers *all, const struct container *c);
/* The exit code of a command, from its wait status. */
void answer_exit(struct buf *out, int status);
void answer_list(struct buf *out, const struct containers *containers);
void answer_boot(struct buf *out, const struct containers *containers);
void answer_line(struct buf *out, const char *name, const struct ring_line *line);

/* For answers: the keys that each answer has for a container. */
void answer_put_container(
	struct json_writer *w, const struct containers *all, const struct container *c);

#endif
