/* SPDX-License-Identifier: Apache-2.0 */
/* login: keep a login for a registry where Docker and Podman look for it as well. */
#include <unistd.h>

#include "base/mem.h"
#include "cli/ask.h"
#include "cli/cli.h"
#include "cli/result.h"
#include "net/net.h"
#include "net/registry.h"
#include "oci/reference.h"

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

static int ask(const char *question, enum ask_answer answer, char **ret, struct werr **err)
{
	int r = ask_line(question, answer, ret, err);

	if (r < 0)
		werr_hint(err, "wherry login --username NAME --password-stdin REGISTRY <FILE");
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
		r = ask("Username: ", ASK_SHOWN, &ret->user, err);
	if (r == 0 && o->stdin)
		r = ask_read_line(STDIN_FILENO, &ret->password, err);
	else if (r == 0)
		r = ask("Password: ", ASK_HIDDEN, &ret->password, err);
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
	return r < 0 ? r : result_show_login(ctx, "logged in to", registry, "kept in", where, err);
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
