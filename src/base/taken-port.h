/* SPDX-License-Identifier: Apache-2.0 */
/* Ports of this machine. */
#ifndef WHERRY_BASE_TAKEN_PORT_H
#define WHERRY_BASE_TAKEN_PORT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/*
 * What has a port, as "nginx (process 812)"; owned by the caller. address: IPv4 or IPv6, as text,
 * at which it is; NULL or another name: any. NULL: nothing has it, or it is not known, as for
 * processes of other users, into which only root sees (proc_net(5), proc_pid_fd(5)).
 */
char *taken_port_holder(const char *address, uint16_t port, bool udp);
/*
 * WERR_EXISTS with a hint: it is taken, by what is known to have it. address NULL: of this machine.
 */
int taken_port_error(const char *address, uint16_t port, bool udp, struct werr **err);

#endif
