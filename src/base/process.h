/* SPDX-License-Identifier: Apache-2.0 */
/* Run another program, without a shell, with bounded output and a time limit. */
#ifndef WHERRY_BASE_PROCESS_H
#define WHERRY_BASE_PROCESS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/str.h"

enum { PROCESS_PATIENCE_MS = 5000 };

struct process_spec {
	const char *const *argv; /* argv[0] is looked up in PATH; NULL ends it */
	const char *const *env;  /* NULL: ours; else the whole environment, "A=b", NULL ends it */
	const char *cwd;         /* NULL: ours */
	/*
	 * Called in the child before it changes to cwd and becomes the program (NULL: not called):
	 * 0, or -1 and errno. Only calls that are safe after fork(). It may return in a child of
	 * the child, if the latter ends as that does and holds no descriptor but 0 to 2.
	 */
	int (*enter)(void *ctx);
	void *enter_ctx;
	const char *input; /* what it reads from stdin (NULL: nothing) */
	size_t input_size;
	size_t output_max;        /* stdout is collected up to this; 0: it goes to /dev/null */
	unsigned timeout_seconds; /* 0: none */
	bool show_stderr;         /* stderr goes to ours; else its end is kept for the error */
	bool tidies_up;           /* it runs after Ctrl-C as well, and that does not end it */
	/* Called for each line of stdout, whether or not that is collected; NULL: not called. */
	void (*line)(const char *line, void *ctx);
	void *line_ctx;
	/*
	 * Share the terminal with the program: it has our stdin, stdout, stderr and process group,
	 * and all members from input to line are unused. Ctrl-C asks it to end (SIGTERM), and kills
	 * it after PROCESS_PATIENCE_MS. After Ctrl-C the result is WERR_CANCELLED, whatever ended
	 * the program.
	 */
	bool foreground;
	/* Of such a program: once this is true (NULL: never), it is asked to end. */
	bool (*is_over)(void *ctx);
	void *is_over_ctx;
};

struct process_result {
	int exit_code; /* 128 + n when signal n ended it */
	char *output;  /* what came on stdout, NUL-terminated; owned */
	size_t output_size;
	char *errors; /* the last lines of stderr; owned */
};

/*
 * Run it and wait. 0 when the program ran, whatever its exit code. WERR_NOT_FOUND when the program
 * does not exist, WERR_TIMEOUT, WERR_CANCELLED (it was killed with its children), WERR_LIMIT (too
 * much output).
 */
int process_run(const struct process_spec *spec, struct process_result *ret, struct werr **err);
/* The same, and an exit code other than 0 is an error that shows what it wrote. ret may be NULL. */
int process_run_ok(const struct process_spec *spec, struct process_result *ret, struct werr **err);
void process_result_cleanup(struct process_result *r);
/* Add "NAME=value" of each variable that is set here; NULL ends the names. */
void process_env_pick(struct strv *env, const char *const *names);
/*
 * Add PATH and the other variables that programs need to work at all, and LC_ALL=C: an environment
 * with which results do not depend on the user's.
 */
void process_env_base(struct strv *env);
/* "qemu-img convert 'a b'": for messages; owned by the caller. */
char *process_quote(const char *const *argv);

#endif
