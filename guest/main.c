/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wherry-guest: all programs of the guest in one file, chosen by the name it is called with, or by
 * its first argument.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/str.h"
#include "common/power.h"
#include "init/init.h"
#include "keep/supervisor.h"
#include "log/filewriter.h"
#include "metadata/metadata.h"
#include "network/netup.h"
#include "tools/crypto.h"
#include "tools/diskformat.h"
#include "tools/extend.h"
#include "tools/kmsg.h"
#include "tools/knob.h"
#include "tools/loopy.h"
#include "tools/modprobe.h"
#include "tools/mountie.h"
#include "tools/rngd.h"
#include "tools/service.h"
#include "tools/swap.h"
#include "tools/timesync.h"
#include "tools/trim.h"
#include "tools/vsudd.h"
#include "tools/watchdog.h"

static const struct {
	const char *name;
	int (*main)(int argc, char **argv);
} programs[] = {
	{"init", init_main},
	{"wherry-supervisor", supervisor_main},
	{"wherry-filewriter", filewriter_main},
	{"service", service_main},
	{"modprobe", modprobe_main},
	{"sysctl", sysctl_main},
	{"sysfs", sysfs_main},
	{"format", diskformat_main},
	{"extend", extend_main},
	{"crypto", crypto_main},
	{"loopy", loopy_main}, /* LinuxKit's name */
	{"mountie", mountie_main},
	{"swap", swap_main},
	{"swap.sh", swap_main}, /* LinuxKit's name */
	{"rngd", rngd_main},
	{"kmsg", kmsg_main},
	{"metadata", metadata_main},
	{"network", netup_main},
	{"vsudd", vsudd_main}, /* LinuxKit's name, as the next */
	{"host-timesync-daemon", timesync_main},
	{"trim-after-delete", trim_main},
	{"watchdog", watchdog_main},
	{"poweroff", power_main},
	{"reboot", power_main},
	{"halt", power_main},
};

static int usage(const char *name)
{
	fprintf(stderr, "%s: not one of the programs in wherry-guest:", name);
	for (size_t i = 0; i < ARRAY_SIZE(programs); i++)
		fprintf(stderr, " %s", programs[i].name);
	fprintf(stderr, "\n");
	return 2;
}

int main(int argc, char **argv)
{
	const char *name = argc > 0 ? argv[0] : "", *slash = strrchr(name, '/');

	if (slash)
		name = slash + 1;
	if (str_eq(name, "wherry-guest") && argc > 1) {
		argv++;
		argc--;
		name = argv[0];
	}
	for (size_t i = 0; i < ARRAY_SIZE(programs); i++)
		if (str_eq(name, programs[i].name))
			return programs[i].main(argc, argv);
	return usage(name);
}
