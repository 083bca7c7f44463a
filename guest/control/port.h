/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests from outside the machine, through a virtio-serial port (contract/outside.h): the
 * machine's owner asks without a network. They are those of the supervisor's socket, one at a time:
 * a request ends the one before. As a port is one stream for all who ever connect, each answer
 * stands between {"begin":ID} and {"end":ID}, where ID is the request's "id". The program of a
 * request "exec" gets its input and output in frames.
 */
#ifndef WHERRY_GUEST_PORT_H
#define WHERRY_GUEST_PORT_H

#include "common/loop.h"
#include "control/control.h"

struct port;

/* A port that is open (non-blocking), and taken over. */
struct port *port_new(struct control *control, int loop, int fd);
/* p may be NULL. */
void port_free(struct port *p);

#endif
