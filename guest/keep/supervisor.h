/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program wherry-supervisor: onboot one after another, then all services, each after those that
 * it waits for, until PID 1 says to stop; then the services are stopped, what waits for others
 * first, onshutdown runs one after another, and it ends.
 */
#ifndef WHERRY_GUEST_SUPERVISOR_H
#define WHERRY_GUEST_SUPERVISOR_H

/* Called by PID 1 with the number of its channel's descriptor, and what it kept (common/kept.h). */
int supervisor_main(int argc, char **argv);

#endif
