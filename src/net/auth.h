/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WHERRY_NET_AUTH_H
#define WHERRY_NET_AUTH_H

#include "net/internal.h"

void auth_free(struct net *n);

#endif
