/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a machine's owner asks its supervisor from outside: through a virtio-serial port of this
 * name, with the requests of the supervisor's socket, and "id" among their keys. Before the answer
 * comes
 * {"begin":ID} on a line, and {"end":ID} behind it (docs/supervisor.md).
 */
#ifndef WHERRY_CONTRACT_OUTSIDE_H
#define WHERRY_CONTRACT_OUTSIDE_H

#define OUTSIDE_PORT  "dev.wherry.control.0"
#define OUTSIDE_ID    "id"
#define OUTSIDE_BEGIN "begin"
#define OUTSIDE_END   "end"

enum { OUTSIDE_ID_MAX = 64 /* bytes */ };

#endif
