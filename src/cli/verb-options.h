/* SPDX-License-Identifier: Apache-2.0 */
/* A verb's options from a map of a YAML file: `{size: 2G, publish: ["80:80"], uefi: true}`. */
#ifndef WHERRY_CLI_VERB_OPTIONS_H
#define WHERRY_CLI_VERB_OPTIONS_H

#include "cli/cli.h"
#include "config/check.h"
#include "options/option-parse.h"

struct verb_options {
	void *values; /* the verb's struct; it refers to args */
	struct option_sets sets;
	struct strv args;
};

/* No options yet. */
void verb_options_begin(struct verb_options *o, const struct command *command);
/* One that is given as on the command line: "--size=2G". */
int verb_options_add(struct verb_options *o, const char *arg, struct werr **err);
int verb_options_addf(struct verb_options *o, struct werr **err, const char *fmt, ...)
	ATTR_PRINTF(3, 4);
/*
 * Those of a map (or NULL), which was checked. What `o` has already counts less, but of an option
 * that may be repeated all are kept.
 */
int verb_options_add_map(struct verb_options *o, const struct node *map, struct werr **err);
/* What was not given comes from the environment, or is the default. */
int verb_options_finish(struct verb_options *o, struct werr **err);
void verb_options_cleanup(struct verb_options *o);

/*
 * Add the mistakes of a map: names that are no options or that end `refused` (which ends with
 * NULL), and values that these do not take.
 */
void verb_options_check(struct checker *c, const struct command *command, const struct node *map,
	const char *const *refused);

#endif
