/* SPDX-License-Identifier: Apache-2.0 */
/* The DNS servers of a netconf: in resolv.conf(5), and where the component dhcp adds its own. */
#ifndef WHERRY_GUEST_NAMESERVER_H
#define WHERRY_GUEST_NAMESERVER_H

#include "base/buf.h"
#include "network/netconf.h"

/* Add the text of resolv.conf. */
void nameserver_format(const struct netconf *conf, struct buf *out);
/* Write it, in place, as containers have the file bound. Does nothing when there are none. */
int nameserver_write(const struct netconf *conf, struct werr **err);

#endif
