/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel's reports of devices that appear. */
#ifndef WHERRY_GUEST_UEVENT_H
#define WHERRY_GUEST_UEVENT_H

#include <stdint.h>

/* A socket to receive them; -1: it failed, and uevent_wait() only waits. */
int uevent_open(void);
/*
 * Wait for events for at most ms; new_device (NULL: nothing) is called with the modalias of each
 * device that appeared.
 */
void uevent_wait(int fd, uint64_t ms, void (*new_device)(const char *alias));

#endif
