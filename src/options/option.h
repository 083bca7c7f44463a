/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Declarations of options. The parser (option-parse.h), the help (option-help.h), the completion
 * (option-complete.h) and the check of the man page are all made from them. Any room can bring a
 * group of options with a struct of its own; a verb of src/cli lists the groups that it takes.
 */
#ifndef WHERRY_OPTIONS_OPTION_H
#define WHERRY_OPTIONS_OPTION_H

#include <stdbool.h>
#include <stddef.h>

enum option_kind {     /* and the field that it fills */
	OPTION_FLAG,   /* bool */
	OPTION_TEXT,   /* const char *, into the command line or the environment */
	OPTION_NUMBER, /* uint64_t */
	OPTION_SIZE,   /* uint64_t, bytes: see str_to_size */
	OPTION_LEVEL,  /* uint64_t, whose number may be left out: "-v" is "-v 2" */
	OPTION_LIST,   /* struct strv: repeatable, or comma separated */
	OPTION_REPEAT, /* struct strv: repeatable; a comma is part of the value */
	OPTION_ABSENT, /* none: LinuxKit has it and Wherry does not. An error; in no help */
};

struct option {
	const char *name; /* "format"; typed --format or -format */
	char letter;      /* 'f' or 0 */
	enum option_kind kind;
	const char *value; /* what the help calls the value: "DIR"; NULL for a flag */
	/* Begins with a capital, no full stop; wrapped at 80 columns. Of OPTION_ABSENT: NULL (not
	 * yet), or why it is not supported, and after "; " the way out. */
	const char *help;
	bool hidden; /* taken for the sake of LinuxKit's scripts: in no help, no completion */
	const char *const *(*choices)(void); /* the allowed values (NULL ends them); NULL: any */
	bool choices_begin;                  /* a colon and more may follow one: "zstd:19" */
	const char *fallback;                /* the value when nothing sets it, or NULL */
	const char *environment[2]; /* variables that set it when it is not given, or NULL */
	size_t offset;              /* of the field in its group's struct */
};

/* Options that belong together, and the struct that their values go to. */
struct option_group {
	const struct option *options; /* name NULL ends them; at most OPTIONS_MAX */
	size_t offset;                /* of the group's struct in the verb's */
	bool hidden;                  /* as if each of its options were */
};

enum { OPTIONS_MAX = 64 }; /* of one group */

/*
 * An array of groups ends with one whose options are NULL; NULL is an array of none. When two
 * groups have the same name or letter, the first one counts.
 */

/* The option that `name` (without dashes) is the name or the letter of; NULL when it is neither. */
const struct option *option_find(const struct option *list, const char *name);
bool option_takes_value(const struct option *o);
/* Is it an option ("-x", "--x") rather than an operand ("x", "-")? "--" counts as an option. */
bool option_like(const char *arg);
/* "--" before a name, "-" before a letter. */
const char *option_dashes(const char *name);
/* "--format", or "-o" for an option whose name is one letter; owned by the caller. */
char *option_text(const struct option *o);

#endif
