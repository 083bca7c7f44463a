/* SPDX-License-Identifier: Apache-2.0 */
/* Loading kernel modules: by name, by a list, and for the devices that there are. */
#ifndef WHERRY_GUEST_LOAD_H
#define WHERRY_GUEST_LOAD_H

/*
 * The lists of /etc/modules-load.d, then a module for each device, and nodes for what comes later
 * (init/devnode.h). What fails is said on the console. Nothing in a container.
 */
void load_modules(void);
/* What a device that came with this modalias needs; nobody is told when there is nothing. */
void load_for_alias(const char *alias);
/* modprobe NAME...: the kernel calls it when it misses something ("fs-overlay"); names or aliases.
 */
int modprobe_main(int argc, char **argv);

#endif
