/* SPDX-License-Identifier: Apache-2.0 */
/* The lines on the console about containers. */
#ifndef WHERRY_GUEST_REPORT_H
#define WHERRY_GUEST_REPORT_H

#include "life/container.h"

/* It runs; said of services. */
void report_started(struct container *c);
/* It could not be made; what that means (an end of LIFE_END_*), and after how many ms it is tried
 * again. */
void report_broken(
	struct container *c, const struct werr *err, enum life_event event, uint64_t delay);
/* Its process ended with this status. */
void report_ended(struct container *c, int status, enum life_event event, uint64_t delay);
/* What its health check says. */
void report_health(struct container *c, bool well);
/* Not even SIGKILL ended it. */
void report_given_up(const struct container *c);

#endif
