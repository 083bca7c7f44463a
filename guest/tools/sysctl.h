/* SPDX-License-Identifier: Apache-2.0 */
/* The program sysctl: applies kernel settings from files. */
#ifndef WHERRY_GUEST_SYSCTL_H
#define WHERRY_GUEST_SYSCTL_H

#include <stdbool.h>

#include "base/error.h"

struct sysctl_setting {
	char *path; /* below /proc/sys: "net/ipv4/ip_forward" */
	char *value;
	bool optional; /* "-key = value": no error when the kernel rejects it */
};

/*
 * Parse one line of sysctl.d(5). The first separator of the key decides: dots in
 * "net.ipv4.ip_forward", slashes in "net/ipv4/conf/eth0.1/forwarding". WERR_INVALID without '=', or
 * for a key that leads out of /proc/sys.
 */
int sysctl_parse(const char *text, struct sysctl_setting *ret, struct werr **err);
void sysctl_setting_cleanup(struct sysctl_setting *s);

/*
 * sysctl [DIR...]: apply the files *.conf in the directories, by default /etc/sysctl.d, then
 * /run/sysctl.d. A later line wins.
 */
int sysctl_main(int argc, char **argv);

#endif
