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

enum option_kind {     /* and the field that it fills */
	OPTION_FLAG,   /* bool */
	OPTION_TEXT,   /* const char *, into the command line or the environment */
	OPTION_NUMBER, /* uint64_t */
	OPTION_SIZE,   /* uint64_t, bytes: see str_to_size */
	OPTION_LEVEL,  /* uint64_t, whose number may be left out: "-v" is "-v 2" */
	OPTION_LIST,   /* struct strv: repeatable, or comma separated */
	OPTION_REPEAT, /* struct strv: repeatable; a comma is part of the value */
	OPTION_ABSENT, /* none: LinuxKit has it and we don't yet. An error, and in no help */
};

/* One declaration: the parser, the help, the completion and the check of the man page are made from
 * it. */
struct option {
	const char *name; /* "format"; typed --format or -format */
	char letter;      /* 'f' or 0 */
	enum option_kind kind;
	const char *value; /* what the value is called in the help: "DIR"; NULL for a flag */
	const char *help;  /* begins with a capital, no full stop; wrapped at 80 columns */
	const char *const *(*choices)(void); /* the allowed values (NULL ends them); NULL: any */
	bool choices_begin;                  /* a value may go on behind one of these: "zstd:19" */
	const char *const *(*choices_later)(void); /* those of LinuxKit that are not there yet */
	const char *fallback;                      /* the value when nothing sets it, or NULL */
	const char *environment[2]; /* variables that set it when it is not given, or NULL */
	size_t offset;              /* of the field in the verb's struct */
};

struct global_options {
	const char *cache; /* NULL: see context_cache_dir */
	bool quiet, json, help;
	/* See struct net_options. */
	struct strv cert_files, mirrors, insecure;
	uint64_t timeout;
	uint64_t verbose; /* 0 warnings, 1 steps, 2 programs and files, 3 everything */
};

struct context {
	struct global_options global;
	const struct progress *progress; /* shows bars, lines or JSON; NULL when quiet */
	bool as_linuxkit;                /* called by the name linuxkit */
};

struct command {
	const char *name;     /* "build", "cache import", "run qemu" */
	const char *summary;  /* for the list of verbs: begins with a capital, no full stop */
	const char *operands; /* "FILE...", "" for none */
	unsigned operands_min, operands_max;
	const char *text;                  /* paragraphs of help below the summary, or NULL */
	const struct option *options;      /* name NULL ends them; NULL: none */
	const struct option *more_options; /* likewise: those that it does not share with others */
	size_t size;                       /* of the struct that the options fill */
	bool hidden;                       /* in no help and no completion */
	/* operands: NULL ends them. Results go to stdout; errors are returned, and printed by main.
	 */
	int (*run)(struct context *ctx, const void *options, const char *const *operands,
		struct werr **err);
};

extern const struct command *const commands[]; /* in the order of the help; NULL ends them */
extern const struct option global_option_list[];
enum { OPERANDS_ANY = 10000 };

/* The folder of the store: --cache, the environment, or the default; owned by the caller. */
int context_cache_dir(const struct context *ctx, char **ret, struct werr **err);

#endif
