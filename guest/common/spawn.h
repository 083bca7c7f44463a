/* SPDX-License-Identifier: Apache-2.0 */
/* Start a program and do not wait for it; and how it ended, in words. */
#ifndef WHERRY_GUEST_SPAWN_H
#define WHERRY_GUEST_SPAWN_H

#include <stddef.h>
#include <sys/types.h>

/*
 * Start the program at path, in a session of its own, with no signal blocked and stdin /dev/null. Its stdout and stderr are
 * output; -1: ours. Returns its process id or -errno (also when it could not be executed).
 */
pid_t spawn(const char *path, const char *const *argv, int output);
/* "exit code 3", "signal 9 (Killed)" into dst; returns dst. status is waitpid's. */
const char *spawn_status(char *dst, size_t size, int status);

#endif
