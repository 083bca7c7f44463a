/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cancel.h"

#include <stdatomic.h>

static atomic_bool requested;

void cancel_request(void)
{
	atomic_store(&requested, true);
}

bool cancel_requested(void)
{
	return atomic_load(&requested);
}

int cancel_check(struct werr **err)
{
	return cancel_requested() ? werr_set(err, WERR_CANCELLED, "interrupted") : 0;
}
