/* SPDX-License-Identifier: Apache-2.0 */
/* Loading kernel modules: by name, from lists, and for the devices of the machine. */
#ifndef WHERRY_GUEST_LOAD_H
#define WHERRY_GUEST_LOAD_H

/*
 * Load the lists in /etc/modules-load.d and a module for each device, and create nodes for devices
 * whose modules are loaded on demand (init/devnode.h). Failures are reported on the console. In a
 * container, does nothing.
 */
void load_modules(void);
/* Load what a device with this modalias needs, if there is anything. Failures are ignored. */
void load_for_alias(const char *alias);
/*
 * The program modprobe NAME..., with names or aliases: the kernel calls it for what it misses
 * ("fs-overlay").
 */
int modprobe_main(int argc, char **argv);

#endif
