/* SPDX-License-Identifier: Apache-2.0 */
/* The client's way to the supervisor of a machine that runs here: one of its ports (vm/wire.h). */
#ifndef WHERRY_CLI_BY_PORT_H
#define WHERRY_CLI_BY_PORT_H

#include <poll.h>

#include "client/client.h"
#include "contract/outside.h"
#include "vm/wire.h"

struct by_port {
	struct client_transport transport;
	const struct vm_machine *machine;
	struct vm_wire wire;
	struct outside_reader reader;
	struct strv lines; /* of the answer, that came and were not returned */
	size_t taken;      /* of lines */
	uint64_t asked_ms;
	bool told; /* the user, that the supervisor has not answered yet */
};
/* machine must outlive it; it connects at the first request. */
void by_port_init(struct by_port *p, const struct vm_machine *machine);
void by_port_cleanup(struct by_port *p);

/*
 * For by-port-run.c: begin a request; and take what comes within ms, or until *fds, of which there
 * are n and the first is for the port, have something. WERR_FAILED: the machine has ended;
 * WERR_TIMEOUT: nothing answers.
 */
int by_port_ask(struct by_port *p, const struct request *r, struct werr **err);
int by_port_wait(struct by_port *p, struct pollfd *fds, size_t n, int ms, struct werr **err);
/* The next line; NULL: there is none yet, or, when reader.ended, none any more. */
const char *by_port_line(struct by_port *p);
/* client_transport's run. */
int by_port_run(struct client_transport *t, struct request *r, int *ret_code, struct werr **err);

#endif
