/* SPDX-License-Identifier: Apache-2.0 */
#include "net/auth.h"

void auth_free(struct net *n)
{
	(void)n;
}
