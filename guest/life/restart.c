/* SPDX-License-Identifier: Apache-2.0 */
#include "life/restart.h"

enum life_event restart_verdict(const struct policy *p, bool step, bool ok)
{
	if (ok && (step || p->restart != POLICY_RESTART_ALWAYS))
		return LIFE_END_OK;
	return p->restart == POLICY_RESTART_NO ? LIFE_END_BAD : LIFE_END_AGAIN;
}

uint64_t restart_delay(const struct policy *p, unsigned failures)
{
	const uint64_t asked = p->restart_delay;
	const uint64_t max = asked > RESTART_DELAY_MAX_MS ? asked : RESTART_DELAY_MAX_MS;
	uint64_t delay = asked;

	for (unsigned i = 1; i < failures && delay && delay < max; i++)
		delay *= 2;
	return delay < max ? delay : max;
}
