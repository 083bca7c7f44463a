/* SPDX-License-Identifier: Apache-2.0 */
/* The network comes to life with the first request. */
#ifndef WHERRY_NET_START_H
#define WHERRY_NET_START_H

#include "base/error.h"

struct net;

/* Load libcurl, read the files about registries and certificates, start the thread; once. */
int net_load(struct net *n, struct werr **err);
/* End the thread, if it was started. */
void net_unload(struct net *n);

#endif
