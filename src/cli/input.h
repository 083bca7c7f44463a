/* SPDX-License-Identifier: Apache-2.0 */
/* The YAML files that a verb takes. */
#ifndef WHERRY_CLI_INPUT_H
#define WHERRY_CLI_INPUT_H

#include "cli/context.h"
#include "cli/component-path.h"
#include "config/config.h"

struct input_options {
	const char *arch, *components;
	struct strv set, env_files;
	struct component_path_options packages; /* a group of its own: component_path_options */
	bool compat;
	bool look_for_sources; /* of `files`; set by the verb */
	bool look_into_images; /* that the cache has: input_doubts; set by the verb */
	bool strict; /* not among input_options, since not all of these verbs have --strict */
};
extern const struct option input_options[]; /* for a struct input_options */

/* What is built for: --arch, or this machine. */
int input_platform(const struct input_options *o, struct platform *ret, struct werr **err);
/* --compat, or the name linuxkit. */
bool input_is_compat(const struct context *ctx, const struct input_options *o);
/*
 * Read, merge and check the files (NULL ends them). Warnings are shown on stderr, but not under -q;
 * with `strict` they are shown in any case and make it fail. Which images were replaced is logged.
 */
int input_load(const struct context *ctx, const struct input_options *o, const char *const *files,
	struct config **ret, struct werr **err);
/* The same without that, and how many warnings there were, shown or not. */
int input_check(const struct context *ctx, const struct input_options *o, const char *const *files,
	struct config **ret, size_t *ret_warnings, struct werr **err);
/* The same of a text, in place of files; its warnings are not shown, and no variables replaced. */
int input_load_text(const struct context *ctx, const struct input_options *o,
	const struct config_text *text, struct config **ret, struct werr **err);
/* Show further warnings like those of the files. WERR_INVALID: there are some, and o is strict. */
int input_warn(const struct context *ctx, const struct input_options *o, struct werr *warnings,
	struct werr **err);

#endif
