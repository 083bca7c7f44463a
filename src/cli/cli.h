/* SPDX-License-Identifier: Apache-2.0 */
/* The command line: what a verb is made of. One file cmd-VERB.c for each; commands.c lists them. */
#ifndef WHERRY_CLI_CLI_H
#define WHERRY_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/progress.h"
#include "base/str.h"

enum option_kind {
	OPTION_FLAG,
	OPTION_TEXT,
	OPTION_NUMBER,
	OPTION_LIST /* repeatable, or comma separated */
};

/* One declaration: the parser, the help, the completion and the check of the man page are made from it. */
struct option {
	const char *name; /* "format"; typed --format or -format */
	char letter;      /* 'f' or 0 */
	enum option_kind kind;
	const char *value; /* what the value is called in the help: "DIR"; NULL for a flag */
	const char *help;  /* begins with a capital, no full stop; wrapped at 80 columns */
	const char *const *choices; /* allowed values, NULL: any */
	const char *environment; /* a variable that sets it when the option is not given, or NULL */
	size_t offset; /* of the field in the verb's struct: bool, const char *, uint64_t, struct strv */
};

struct global_options {
	const char *cache;
	bool quiet, json;
	uint64_t verbose;
};

struct context {
	struct global_options global;
	const struct progress *progress; /* shows bars, lines or JSON, or NULL when quiet */
	bool as_linuxkit;                /* called by the name linuxkit */
};

struct command {
	const char *name;     /* "build", "cache import", "run qemu" */
	const char *summary;  /* for the list of verbs */
	const char *operands; /* "FILE...", "" for none */
	unsigned operands_min, operands_max;
	const char *text;             /* paragraphs of help below the usage line, or NULL */
	const struct option *options; /* name NULL ends them */
	size_t size;                  /* of the struct that the options fill */
	/* operands: NULL ends them. Results go to stdout; errors are returned, and printed by main. */
	int (*run)(
		struct context *ctx, void *options, const char *const *operands, struct werr **err);
};

extern const struct command *const commands[]; /* NULL ends them */
extern const struct option global_option_list[];

#endif
