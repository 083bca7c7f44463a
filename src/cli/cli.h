/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line: what a verb is made of. Each is in a file of its own, cmd-VERB.c;
 * the list in meson.build makes the table of them.
 */
#ifndef WHERRY_CLI_CLI_H
#define WHERRY_CLI_CLI_H

#include "cli/context.h"

struct command {
	const char *name;     /* "build", "cache import", "run list" */
	const char *also;     /* a word that may follow the name and changes nothing, or NULL */
	const char *alias;    /* LinuxKit's other name for it, or NULL */
	const char *summary;  /* for the list of verbs: begins with a capital, no full stop */
	const char *operands; /* "FILE...", "" for none */
	unsigned operands_min, operands_max;
	unsigned words_after; /* what follows so many operands has options of its own; 0: nothing */
	const char *text;     /* paragraphs of help below the summary, or NULL */
	const struct option_group *options; /* options NULL ends them; NULL: none */
	size_t size;                        /* of the struct that has the groups' structs */
	bool hidden;                        /* in no help and no completion */
	/*
	 * options: a struct of `size` bytes, filled. operands: NULL ends them. Results go to
	 * stdout; errors are returned, and printed by main.
	 */
	int (*run)(struct context *ctx, const void *options, const char *const *operands,
		struct werr **err);
};

extern const struct command *const commands[]; /* in the order of the help; NULL ends them */
enum { OPERANDS_ANY = 10000 };
/* What a verb's run may return as well: its answer is printed, and the exit code is 1. */
enum { COMMAND_DIFFERS = 1000 };
/* The same for a program that was run: this and its exit code. */
enum { COMMAND_EXITS = 2000 };

#endif
