/* SPDX-License-Identifier: Apache-2.0 */
/* The power button, as the kernel's input devices report it (evdev). */
#ifndef WHERRY_GUEST_BUTTON_H
#define WHERRY_GUEST_BUTTON_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * Open the input devices that have a power key, at most max, into fds, to be polled. Returns how
 * many there are.
 */
size_t button_open(struct pollfd *fds, size_t max);
/* Read the events of one. True: the key was pressed. A device that is gone is closed (fd -1). */
bool button_pressed(struct pollfd *fd);

#endif
