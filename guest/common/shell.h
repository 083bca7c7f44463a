/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A root shell for emergencies: the OS's own, or one from some container's image, run in that
 * image.
 */
#ifndef WHERRY_GUEST_SHELL_H
#define WHERRY_GUEST_SHELL_H

#include <sys/types.h>

/* Start it on that terminal. Its process ID, or -errno (-ENOENT: there is no shell). */
pid_t shell_start(const char *terminal);

#endif
