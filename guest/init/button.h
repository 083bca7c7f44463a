/* SPDX-License-Identifier: Apache-2.0 */
/* The power button, as the kernel's input devices report it (evdev). */
#ifndef WHERRY_GUEST_BUTTON_H
#define WHERRY_GUEST_BUTTON_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

/* Open the devices that have a power key: up to max, into fds, to be polled. Returns how many. */
size_t button_open(struct pollfd *fds, size_t max);
/* Read what came; true when the key was pressed. A device that is gone is closed (fd -1). */
bool button_pressed(struct pollfd *fd);

#endif
