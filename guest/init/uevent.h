/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel tells of devices that come and go. */
#ifndef WHERRY_GUEST_UEVENT_H
#define WHERRY_GUEST_UEVENT_H

#include <stdint.h>

/* The socket it is told on; -1: then only the time can be waited for. */
int uevent_open(void);
/* Wait at most so many milliseconds for an event; new_device is called with the modalias of each
 * device that came. */
void uevent_wait(int fd, uint64_t ms, void (*new_device)(const char *alias));

#endif
