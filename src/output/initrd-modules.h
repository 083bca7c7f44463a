/* SPDX-License-Identifier: Apache-2.0 */
/* Those of a kernel's modules that find the disk with the root, and mount it. */
#ifndef WHERRY_OUTPUT_INITRD_MODULES_H
#define WHERRY_OUTPUT_INITRD_MODULES_H

#include "base/error.h"
#include "base/str.h"

enum {
	INITRD_INDEX_MAX = 4 << 20,     /* bytes of modules.dep, and of modules.alias */
	INITRD_SOFTDEP_MAX = 256 << 10, /* of modules.softdep */
	INITRD_MODULES_MAX = 1024,
};

struct initrd_modules {
	struct strv files; /* paths in the kernel's directory, sorted */
	char *dep, *alias; /* the lines about them of the files of these names; owned */
};
void initrd_modules_cleanup(struct initrd_modules *m);

/*
 * Choose from depmod's modules.dep, modules.alias and modules.softdep (modules.dep(5),
 * modprobe.d(5) "softdep"); the last two may be "". A module that the kernel lacks is left out: it
 * may be built in. WERR_LIMIT: more than INITRD_MODULES_MAX.
 */
int initrd_modules_choose(const char *dep, const char *alias, const char *softdep,
	struct initrd_modules *ret, struct werr **err);

#endif
