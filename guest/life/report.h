/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines on the console about containers; and how a run ended, in a few words that its record keeps.
 */
#ifndef WHERRY_GUEST_REPORT_H
#define WHERRY_GUEST_REPORT_H

#include "life/container.h"

/* It runs; shown for services. */
void report_started(struct container *c);
/*
 * It could not be created. event: what that means (LIFE_END_*); delay: ms until it is tried again.
 */
void report_broken(
	struct container *c, const struct werr *err, enum life_event event, uint64_t delay);
/* Its process ended with this status. */
void report_ended(struct container *c, int status, enum life_event event, uint64_t delay);
/* The result of its health check has changed. */
void report_health(struct container *c, bool well);
/* It survived even SIGKILL. */
void report_given_up(struct container *c);

#endif
