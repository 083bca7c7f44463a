/* SPDX-License-Identifier: Apache-2.0 */
/* The program mountie: mounts a disk for the OS, from within a container. */
#ifndef WHERRY_GUEST_MOUNTIE_H
#define WHERRY_GUEST_MOUNTIE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/str.h"

/* What the command line asks for. */
struct mountie {
	char *what; /* for rootdev_find(): "/dev/vda1", "LABEL=data"; NULL: the first unused one */
	const char *mountpoint; /* absolute */
};
void mountie_cleanup(struct mountie *m);

/*
 * Read [-label L | -uuid U | -device D] [DEVICE] MOUNTPOINT. As in LinuxKit's program, a device
 * counts before a label, and a label before a UUID. *words is what the result points into.
 * WERR_USAGE.
 */
int mountie_parse(
	int argc, char **argv, struct strv *words, struct mountie *ret, struct werr **err);

/*
 * Wait for the device, for half a minute, and mount it. It fails when what is mounted would end
 * with the container, when nothing is on the device that the kernel can mount, and when it is not
 * there in time.
 */
int mountie_main(int argc, char **argv);

#endif
