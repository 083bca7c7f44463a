/* SPDX-License-Identifier: Apache-2.0 */
/* From the first step of onboot to the last of onshutdown. */
#ifndef WHERRY_GUEST_PHASE_H
#define WHERRY_GUEST_PHASE_H

#include "service/supervisor.h"

/* Begin what can begin, as far as it goes without waiting. */
void phase_proceed(struct supervisor *s);
/* Stop everything, then be done. */
void phase_stop(struct supervisor *s);
/* Where an earlier supervisor was. */
void phase_restore(struct supervisor *s);

#endif
