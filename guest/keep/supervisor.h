/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program wherry-supervisor. It runs the steps of onboot one after another, then all services,
 * each after those it waits for, until PID 1 says to stop. Then it stops the services, those that
 * wait for others first, runs the steps of onshutdown one after another, and exits.
 */
#ifndef WHERRY_GUEST_SUPERVISOR_H
#define WHERRY_GUEST_SUPERVISOR_H

/* PID 1 passes the number of its channel's descriptor, followed by what it kept (common/kept.h). */
int supervisor_main(int argc, char **argv);

#endif
