/* SPDX-License-Identifier: Apache-2.0 */
/* Loading kernel modules: by name, from lists, and for the devices of the machine. */
#ifndef WHERRY_GUEST_LOAD_H
#define WHERRY_GUEST_LOAD_H

#include <stddef.h>

#include "base/error.h"

/*
 * Load the lists in /etc/modules-load.d and a module for each device, and create nodes for devices
 * whose modules are loaded on demand (init/devnode.h). Failures are reported on the console. In a
 * container, does nothing.
 */
void load_modules(void);
/* Load what a device with this modalias needs, if there is anything. Failures are ignored. */
void load_for_alias(const char *alias);
/* A module to load, by its name or an alias ("fs-overlay"). */
struct load_name {
	const char *name;
	const char *parameters; /* "hashsize=65536 x=1", as the kernel takes them; may be "" */
};
/*
 * Load modules after those that they need; what is loaded or built in is left alone. All are tried,
 * and *err becomes a list. WERR_NOT_FOUND: there is no such module, or there are none at all.
 */
int load_by_names(const struct load_name *names, size_t n, struct werr **err);

#endif
