/* SPDX-License-Identifier: Apache-2.0 */
/* Verbs that take YAML files read them with this. */
#ifndef WHERRY_CLI_LOAD_H
#define WHERRY_CLI_LOAD_H

#include "cli/cli.h"
#include "config/config.h"

/*
 * Read, merge and check the files (NULL ends them). Warnings are shown on stderr, but not under -q; with strict they are shown in any
 * case and make it fail.
 */
int load_files(const struct context *ctx, const char *const *files, bool strict,
	struct config **ret, struct werr **err);

#endif
