/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WHERRY_GUEST_SUPERVISOR_H
#define WHERRY_GUEST_SUPERVISOR_H

/* The supervisor: PID 1 starts it, and stops everything by sending it SIGTERM. */
int supervisor_main(int argc, char **argv);

#endif
