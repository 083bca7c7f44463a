/* SPDX-License-Identifier: Apache-2.0 */
/* Verbs that take YAML files read them with this. */
#ifndef WHERRY_CLI_LOAD_H
#define WHERRY_CLI_LOAD_H

#include "cli/cli.h"
#include "config/config.h"

/* What all of them can be told; the first member of a verb's options. */
struct load_options {
	const char *arch;
	struct strv set, env_files;
	bool compat;
};
extern const struct option load_option_list[];

/* What is built for: --arch, or this machine. */
int load_platform(const struct load_options *o, struct platform *ret, struct werr **err);
/* --compat, or the name linuxkit. */
bool load_is_compat(const struct context *ctx, const struct load_options *o);
/*
 * Read, merge and check the files (NULL ends them). Warnings are shown on stderr, but not under -q;
 * with strict they are shown in any case and make it fail.
 */
int load_files(const struct context *ctx, const struct load_options *o, const char *const *files,
	bool strict, struct config **ret, struct werr **err);

#endif
