/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A directory with busybox under the names of its programs, which belongs to no mount namespace: a
 * process in a container reaches it by a descriptor, without anything in the container's root.
 */
#ifndef WHERRY_GUEST_TOOLBOX_H
#define WHERRY_GUEST_TOOLBOX_H

#include "base/error.h"
#include "base/str.h"

enum { TOOLBOX_FD = 3 }; /* that the process in the container must have it as */

/*
 * Make one, out of a static busybox that the OS or the image of some container has. It is in
 * memory, read-only, and gone when nobody has it open any more. The directory's descriptor, or a
 * negative errno; WERR_NOT_FOUND: there is no such busybox.
 */
int toolbox_open(struct werr **err);
/*
 * The command line that runs a command (none: a shell) with the toolbox's programs before the
 * container's own in its PATH, and the toolbox as TOOLBOX_FD.
 */
void toolbox_command(struct strv *ret, const struct strv *command);

/* Is it an ELF file of this machine's kind that needs no other file to run? fd: read from 0. */
bool toolbox_is_static(int fd);

#endif
