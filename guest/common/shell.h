/* SPDX-License-Identifier: Apache-2.0 */
/* A root shell for emergencies: the OS's own, or one that some container's image brings, run in
 * that image. */
#ifndef WHERRY_GUEST_SHELL_H
#define WHERRY_GUEST_SHELL_H

#include <sys/types.h>

/* On that terminal. Its process, or -errno (-ENOENT: there is no shell). */
pid_t shell_start(const char *terminal);

#endif
