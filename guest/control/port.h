/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests from outside the machine, through a virtio-serial port that it may have
 * (contract/outside.h): the machine's owner asks without a network. They are those of the
 * supervisor's socket, one at a time: a request ends the one before. As a port is one stream for
 * all who ever connect, each answer stands between {"begin":ID} and {"end":ID}, where ID is the
 * request's "id".
 */
#ifndef WHERRY_GUEST_PORT_H
#define WHERRY_GUEST_PORT_H

#include "common/loop.h"
#include "control/control.h"

struct port;

/*
 * Look for the port, also for some seconds from now on when the machine has a device that may get
 * one. sys and dev are where sysfs and the device nodes are: "/sys", "/dev".
 */
struct port *port_new(struct control *control, int loop, const char *sys, const char *dev);
/* The same with a port that is open (non-blocking), and taken over. */
struct port *port_new_at(struct control *control, int loop, int fd);
/* p may be NULL. */
void port_free(struct port *p);

#endif
