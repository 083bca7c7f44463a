/* SPDX-License-Identifier: Apache-2.0 */
/* The option engine: from arguments to the fields of a struct, as the declarations of cli.h say. */
#ifndef WHERRY_CLI_OPTIONS_H
#define WHERRY_CLI_OPTIONS_H

#include "cli/cli.h"

enum { OPTIONS_MAX = 64 }; /* of one list */

/* A list of options, and the struct that its values go to. */
struct option_set {
	const struct option *list; /* NULL: empty */
	void *values;
	uint64_t given; /* bit i: list[i] was on the command line */
};

/* Is it an option ("-x", "--x") rather than an operand ("x", "-")? "--" counts as an option. */
bool option_like(const char *arg);

/*
 * Take the option args[*at] and its value, looking for it in each of the sets; *at then is the last
 * argument that was taken. "--x v", "--x=v", "-x v" and "-x=v" are all the same. WERR_USAGE says
 * what is wrong.
 */
int options_take(struct option_set *sets, size_t n_sets, const char *const *args, size_t *at,
	struct werr **err);
/* What was not given comes from the environment, else from the fallback. */
int options_finish(struct option_set *set, struct werr **err);
/* Free the lists among the values. */
void options_clear(struct option_set *set);

/* "--format", or "-o" for an option whose name is one letter. */
char *option_text(const struct option *o);
bool option_takes_value(const struct option *o);

#endif
