/* SPDX-License-Identifier: Apache-2.0 */
/* Whether, and when, a container starts again. */
#ifndef WHERRY_GUEST_RESTART_H
#define WHERRY_GUEST_RESTART_H

#include <stdbool.h>
#include <stdint.h>

#include "life/life.h"
#include "run/policy.h"

enum {
	/* The delay doubles with each failure up to this, or to the delay asked for when that is
	 * more; */
	RESTART_DELAY_MAX_MS = 60000,
	/* ... and starts over once a run has lasted this long. */
	RESTART_RAN_WELL_MS = 30000,
};

/* What the end of a process, or a failure to make it, is for its life: one of LIFE_END_*. A step
 * (onboot, onshutdown) that ended well is done, whatever its policy. */
enum life_event restart_verdict(const struct policy *p, bool step, bool ok);
/* How long to wait before the next start, in ms, after so many failures in a row (from 1). */
uint64_t restart_delay(const struct policy *p, unsigned failures);

#endif
