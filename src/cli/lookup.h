/* SPDX-License-Identifier: Apache-2.0 */
/* From words to a verb, and from a command line to a verb with its options and operands. */
#ifndef WHERRY_CLI_LOOKUP_H
#define WHERRY_CLI_LOOKUP_H

#include "cli/cli.h"
#include "options/option-parse.h"

/* The verb with exactly this name, or with the word that may follow it; or NULL. */
const struct command *command_find(const char *name);
/* The same, but NULL when it is another verb together with the next word (NULL: there is none). */
const struct command *command_find_before(const char *name, const char *next);
/* Do verbs begin with this word, as "cache import" does with "cache"? */
bool command_is_group(const char *name);
/* Is this verb part of the group? "" is the group of all. */
bool command_in_group(const struct command *c, const char *group);
/* WERR_USAGE: it is not supported, or unknown; with the verb that was probably meant. */
int command_unknown(const char *name, struct werr **err);

struct command_line {
	const struct command *command; /* NULL when the words name none */
	char *words;                   /* of the verb, as far as given: "", "cache", "cache ls" */
	void *values;                  /* the verb's struct */
	struct option_sets sets;       /* of the verb, and the global ones */
	const char **operands;         /* NULL ends them */
	size_t n_operands;
	const char **early; /* options of the verb that came before its last word */
	size_t n_early;
};

/*
 * Take a command line (without the program's name) apart. Options and operands may be mixed; "--"
 * ends the options. The number of operands is not checked: see command_line_check.
 */
int command_line_parse(const char *const *args, struct global_options *global,
	struct command_line *ret, struct werr **err);
int command_line_check(const struct command_line *l, struct werr **err);
void command_line_cleanup(struct command_line *l);

#endif
