/* SPDX-License-Identifier: Apache-2.0 */
/* login: keep a login for a registry where Docker and Podman look for it as well. */
#include <errno.h>
#include <termios.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cancel.h"
#include "base/io.h"
#include "base/log.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "net/net.h"
#include "net/registry.h"
#include "oci/reference.h"

enum { SECRET_MAX = 64 << 10 };

struct options {
	const char *username;
	bool stdin;
};

static const struct option options[] = {
	{.name = "password-stdin",
		.kind = OPTION_FLAG,
		.help = "Read the password from stdin instead of asking for it",
		.offset = offsetof(struct options, stdin)},
	{.name = "username",
		.letter = 'u',
		.kind = OPTION_TEXT,
		.value = "NAME",
		.help = "User name, instead of asking for it",
		.offset = offsetof(struct options, username)},
	{0},
};

/* Bytes up to the end of the line; what follows it is ignored. */
static int read_line(int fd, char **ret, struct werr **err)
{
	CLEANUP(reader) struct reader *from = fd_reader_new(fd, FD_LENT, "stdin");
	CLEANUP(buf) struct buf line = BUF_INIT(SECRET_MAX);
	char c = 0;

	for (;;) {
		size_t got = 0;
		int r = reader_read(from, &c, 1, &got, err);

		if (r == 0)
			r = cancel_check(err);
		if (r < 0)
			return r;
		if (got == 0 || c == '\n')
			break;
		buf_putc(&line, c);
	}
	if (line.len > 0 && line.data[line.len - 1] == '\r')
		buf_truncate(&line, line.len - 1);
	if (buf_error(&line) < 0)
		return werr_set(err, WERR_LIMIT, "the line is longer than %d bytes", SECRET_MAX);
	*ret = buf_steal(&line);
	return 0;
}

enum answer { ANSWER_SHOWN, ANSWER_HIDDEN };

static int ask(const char *question, enum answer answer, char **ret, struct werr **err)
{
	struct termios before, silent;
	int r;

	if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &before) < 0) {
		werr_set(err, WERR_USAGE, "there is no terminal to ask on");
		werr_hint(err, "wherry login --username NAME --password-stdin REGISTRY <FILE");
		return werr_code(WERR_USAGE);
	}
	silent = before;
	if (answer == ANSWER_HIDDEN)
		silent.c_lflag &= ~(tcflag_t)ECHO;
	/* In this order, an answer that comes at once is neither shown nor lost. */
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
	(void)fd_write_all(STDERR_FILENO, question, strlen(question));
	r = read_line(STDIN_FILENO, ret, err);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
	if (answer == ANSWER_HIDDEN)
		(void)fd_write_all(STDERR_FILENO, "\n", 1);
	return r;
}

static int get_login(const struct options *o, struct credential *ret, struct werr **err)
{
	int r = 0;

	if (o->stdin && !o->username)
		return werr_set(err, WERR_USAGE, "--password-stdin needs --username");
	if (o->username)
		ret->user = str_dup(o->username);
	else
		r = ask("Username: ", ANSWER_SHOWN, &ret->user, err);
	if (r == 0 && o->stdin)
		r = read_line(STDIN_FILENO, &ret->password, err);
	else if (r == 0)
		r = ask("Password: ", ANSWER_HIDDEN, &ret->password, err);
	if (r == 0 && (!*ret->user || strchr(ret->user, ':')))
		return werr_set(err, WERR_USAGE, "'%s' is not a valid user name", ret->user);
	if (r == 0 && !*ret->password)
		return werr_set(err, WERR_USAGE, "the password is empty");
	return r;
}

static int run(
	struct context *ctx, const void *values, const char *const *operands, struct werr **err)
{
	struct credential login = {0};
	CLEANUP(net) struct net *net = NULL;
	CLEANUP(free) char *registry = NULL;
	CLEANUP(free) char *where = NULL;
	int r = reference_parse_registry(operands[0], &registry, err);

	if (r == 0)
		r = context_open_net(ctx, &net, err);
	if (r == 0)
		r = get_login(values, &login, err);
	if (r == 0) {
		r = registry_check_login(net, registry, &login, err);
		/* To log in is what is being done. */
		if (r < 0 && err && *err && (*err)->hint && str_after((*err)->hint, "log in"))
			free(STEAL((*err)->hint));
	}
	if (r == 0)
		r = credential_store(registry, &login, &where, err);
	credential_cleanup(&login);
	if (r == 0)
		log_info("logged in to %s; kept in %s", registry, where);
	return r;
}

const struct command command_login = {
	.name = "login",
	.summary = "Log in to a registry",
	.operands = "REGISTRY",
	.operands_min = 1,
	.operands_max = 1,
	.text = "Asks for a user name and a password, tries them, and keeps them where Docker "
		"and Podman look as well: $REGISTRY_AUTH_FILE, else ~/.docker/config.json; or "
		"with the credential helper that this file names.\n"
		"\n"
		"    wherry login ghcr.io --username me --password-stdin <token",
	.options = (const struct option_group[]){{.options = options}, {0}},
	.size = sizeof(struct options),
	.run = run,
};
