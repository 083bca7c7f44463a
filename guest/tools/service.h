/* SPDX-License-Identifier: Apache-2.0 */
/* The program service: the client (client/client.h) of the supervisor's socket. */
#ifndef WHERRY_GUEST_SERVICE_TOOL_H
#define WHERRY_GUEST_SERVICE_TOOL_H

/* 0: success, 1: failure, 2: wrong usage; exec: the program's exit code. */
int service_main(int argc, char **argv);

#endif
