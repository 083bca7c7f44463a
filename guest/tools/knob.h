/* SPDX-License-Identifier: Apache-2.0 */
/* The programs sysctl and sysfs: they apply settings of the kernel's, which are files, from lists.
 */
#ifndef WHERRY_GUEST_KNOB_H
#define WHERRY_GUEST_KNOB_H

#include <stdbool.h>

#include "base/error.h"

enum knob_style {
	KNOB_DOTS,    /* of sysctl.d(5): the key's first separator is a dot or a slash */
	KNOB_SLASHES, /* of sysfs.d: the key is a path, and may have dots */
};

struct knob {
	char *path; /* below /proc/sys or /sys: "net/ipv4/ip_forward" */
	char *value;
	bool optional; /* "-key = value": no error when the kernel rejects it */
};

/*
 * Parse one line. With KNOB_DOTS the first separator of the key decides: dots in
 * "net.ipv4.ip_forward", slashes in "net/ipv4/conf/eth0.1/forwarding". WERR_INVALID without '=', or
 * for a key that leads out of the directory.
 */
int knob_parse(const char *text, enum knob_style style, struct knob *ret, struct werr **err);
void knob_cleanup(struct knob *k);

/*
 * sysctl [DIR...]: apply the files *.conf in the directories, by default /etc/sysctl.d, then
 * /run/sysctl.d, to /proc/sys. A later line wins.
 */
int sysctl_main(int argc, char **argv);
/*
 * sysfs [-sysfsDir DIR] [-configDir DIR] [DIR...]: the same with lines "class/net/eth0/mtu = 1400",
 * by default in /etc/sysfs.d, and /sys.
 */
int sysfs_main(int argc, char **argv);

#endif
