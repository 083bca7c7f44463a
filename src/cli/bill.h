/* SPDX-License-Identifier: Apache-2.0 */
/* The SBOM that a build puts into the OS. */
#ifndef WHERRY_CLI_BILL_H
#define WHERRY_CLI_BILL_H

#include "options/option.h"
#include "output/build.h"

struct bill_options {
	const char *format, *output;
	bool none, current_time;
};
extern const struct option bill_options[]; /* for a struct bill_options */

/* Its path in the OS, owned by the caller; *ret stays NULL when there is to be none. */
int bill_path(const struct bill_options *o, char **ret, struct werr **err);
/* The rest of it. */
void bill_choose(const struct bill_options *o, struct build_options *b);

#endif
