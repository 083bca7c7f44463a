/* SPDX-License-Identifier: Apache-2.0 */
/* The program: its signals and standard files, the verb, and the report of what went wrong. */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <malloc.h>
#include <signal.h>
#include <unistd.h>

#include "base/cancel.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/path.h"
#include "cli/called.h"
#include "cli/display.h"
#include "cli/help.h"
#include "cli/help-json.h"
#include "cli/lookup.h"
#include "cli/print.h"
#include "data/terminal.h"

/* A program that a signal ended has 128 and the signal's number, as in a shell. */
enum { EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_SIGNAL = 128 };

static volatile sig_atomic_t ended_by; /* the first signal, or 0 */

/* The first signal asks for an orderly end; the second one ends at once, since outputs have no name
 * until they are whole. */
static void on_signal(int number)
{
	if (ended_by)
		_exit(EXIT_SIGNAL + number);
	ended_by = number;
	cancel_request();
}

static void signals_setup(void)
{
	static const int ends[] = {SIGINT, SIGTERM, SIGHUP};
	/* No SA_RESTART: a read that waits for the user must be interrupted. */
	struct sigaction end = {.sa_handler = on_signal}, ignore = {.sa_handler = SIG_IGN}, was;

	/* What the caller ignores stays ignored: nohup, and a shell's jobs in the background. */
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		if (sigaction(ends[i], NULL, &was) == 0 && was.sa_handler != SIG_IGN)
			sigaction(ends[i], &end, NULL);
	/* Writing to a pipe that nobody reads, or beyond a limit, becomes an error like others. */
	sigaction(SIGPIPE, &ignore, NULL);
	sigaction(SIGXFSZ, &ignore, NULL);
}

/*
 * A file opened later must not become stdin, stdout or stderr because the caller closed that one.
 * Reading such a stdin or writing to such a stdout stays an error: a result must not vanish in
 * /dev/null.
 */
static void standard_files_setup(void)
{
	static const int modes[] = {
		[STDIN_FILENO] = O_WRONLY, [STDOUT_FILENO] = O_RDONLY, [STDERR_FILENO] = O_WRONLY};

	for (int fd = 0; fd < (int)ARRAY_SIZE(modes); fd++)
		if (fcntl(fd, F_GETFD) < 0)
			(void)!open("/dev/null", modes[fd]);
}

/*
 * A large buffer goes back to the system when it is freed. By default glibc keeps all that are
 * smaller than the largest one that was ever freed, for each thread separately.
 */
static void memory_setup(void)
{
#ifdef M_MMAP_THRESHOLD
	mallopt(M_MMAP_THRESHOLD, 256 << 10);
#endif
}

static int show_help(const struct context *ctx, const struct command_line *l, struct werr **err)
{
	CLEANUP(buf) struct buf out = BUF_INIT(1 << 20);

	if (ctx->global.json && l->command)
		help_json_command(&out, l->command);
	else if (ctx->global.json)
		help_json_group(&out, l->words);
	else if (l->command)
		help_command(&out, l->command);
	else
		help_overview(&out, l->words);
	if (!ctx->global.json)
		called_help(&ctx->called, &out);
	return print_result(&out, err);
}

static int no_verb(const struct context *ctx, const struct command_line *l)
{
	CLEANUP(buf) struct buf out = BUF_INIT(1 << 20);

	help_overview(&out, l->words);
	called_help(&ctx->called, &out);
	(void)fd_write_all(STDERR_FILENO, buf_str(&out), out.len);
	return EXIT_USAGE;
}

static int run_command(struct context *ctx, const struct command_line *l, struct werr **err)
{
	CLEANUP(display) struct display *display = NULL;
	int r = command_line_check(l, err);

	if (r < 0)
		return r;
#ifndef WHERRY_STATIC /* see tar-libarchive.c */
	/* Names in archives are UTF-8 whatever the user's locale is; nothing else depends on the
	 * locale. */
	setlocale(LC_CTYPE, "C.UTF-8");
#endif
	display = display_new(STDERR_FILENO, &ctx->global, &ctx->called);
	ctx->progress = display_progress(display);
	return l->command->run(ctx, l->values, l->operands, err);
}

static void show_errors(const struct werr *err, bool json)
{
	CLEANUP(buf) struct buf out = BUF_INIT(4 << 20);
	size_t n = 0;

	if (json)
		print_errors_json(&out, err);
	else
		print_errors_text(&out, err, terminal_is_rich(STDERR_FILENO));
	/* A screen may not hold them all. */
	for (const struct werr *e = err; e; e = e->next)
		n++;
	if (!json && n > 1 && isatty(STDERR_FILENO))
		buf_printf(&out, "%zu %s\n", n, err->file ? "mistakes" : "errors");
	(void)fd_write_all(STDERR_FILENO, buf_str(&out), out.len);
}

/* After a signal all that failed failed by it, and what was being done then tells nothing. */
static int report_interrupted(bool json)
{
	CLEANUP(werr) struct werr *err = NULL;

	werr_set(&err, WERR_CANCELLED, "interrupted");
	show_errors(err, json);
	return EXIT_SIGNAL + ended_by;
}

static int report(const struct context *ctx, int r, struct werr *err)
{
	if (r >= 0)
		return r == COMMAND_DIFFERS ? EXIT_FAILED
		       : r > COMMAND_EXITS  ? r - COMMAND_EXITS
					    : 0;
	if (ended_by)
		return report_interrupted(ctx->global.json);
	if (r == -EPIPE)
		return EXIT_FAILED;
	called_error(&ctx->called, err);
	show_errors(err, ctx->global.json);
	return err && err->kind == WERR_USAGE ? EXIT_USAGE : EXIT_FAILED;
}

int main(int argc, char **argv)
{
	CLEANUP(free) char *name = path_base(argc > 0 ? argv[0] : "wherry");
	/* Before line, which clears what it set in it. */
	struct context ctx = {.as_linuxkit = str_eq(name, "linuxkit")};
	CLEANUP(command_line) struct command_line line = {0};
	CLEANUP(werr) struct werr *err = NULL;
	int r;

	memory_setup();
	standard_files_setup();
	signals_setup();
	r = command_line_parse(
		(const char *const *)(argc > 0 ? argv + 1 : argv), &ctx.global, &line, &err);
	ctx.called = (struct called){.name = name,
		.cache = option_sets_given(&line.sets, "cache"),
		.arch = option_sets_given(&line.sets, "arch"),
		.as_linuxkit = ctx.as_linuxkit};
	if (r == 0 && ctx.global.help)
		r = show_help(&ctx, &line, &err);
	else if (r == 0 && !line.command)
		return no_verb(&ctx, &line);
	else if (r == 0)
		r = run_command(&ctx, &line, &err);
	if (r < 0 && r != -EPIPE && !err)
		werr_errno(&err, -r, "the command failed");
	return report(&ctx, r, err);
}
