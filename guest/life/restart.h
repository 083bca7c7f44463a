/* SPDX-License-Identifier: Apache-2.0 */
/* Whether and when a container is started again. */
#ifndef WHERRY_GUEST_RESTART_H
#define WHERRY_GUEST_RESTART_H

#include <stdbool.h>
#include <stdint.h>

#include "life/life.h"
#include "run/policy.h"

enum {
	/*
	 * The delay doubles with each failure up to this, or up to the configured delay if that is
	 * longer;
	 */
	RESTART_DELAY_MAX_MS = 60000,
	/* ... and begins again once a run has lasted this long. */
	RESTART_RAN_WELL_MS = 30000,
};

/*
 * What it means for the container that its process ended, or could not be created: one of
 * LIFE_END_*. A step (onboot, onshutdown) that succeeded is done, whatever its policy.
 */
enum life_event restart_verdict(const struct policy *p, bool step, bool ok);
/* The delay before the next start in ms, after that many failures in a row (from 1). */
uint64_t restart_delay(const struct policy *p, unsigned failures);

#endif
