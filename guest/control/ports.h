/* SPDX-License-Identifier: Apache-2.0 */
/* The ports for requests from outside (control/port.h): a machine has none, one or several. */
#ifndef WHERRY_GUEST_PORTS_H
#define WHERRY_GUEST_PORTS_H

#include "control/control.h"

struct ports;

/*
 * Look for them, also for some seconds from now on when the machine has a device that may get some.
 * sys and dev are where sysfs and the device nodes are: "/sys", "/dev".
 */
struct ports *ports_new(struct control *control, int loop, const char *sys, const char *dev);
/* p may be NULL. */
void ports_free(struct ports *p);

#endif
