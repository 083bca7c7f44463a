/* SPDX-License-Identifier: Apache-2.0 */
/* The lines on the console about containers. */
#ifndef WHERRY_GUEST_REPORT_H
#define WHERRY_GUEST_REPORT_H

#include "service/container.h"

/* It runs; said of services. */
void report_started(const struct container *c);
/* It could not be made. */
void report_broken(const struct container *c, const struct werr *err);
/* Its process ended with this status of waitpid's. */
void report_ended(const struct container *c, int status);
/* Not even SIGKILL ended it. */
void report_given_up(const struct container *c);
/* What it wrote, each line behind its name; a line without an end waits for it. */
void report_output(struct container *c, const char *p, size_t size);
/* What still waits. */
void report_rest(struct container *c);

#endif
