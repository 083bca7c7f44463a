/* SPDX-License-Identifier: Apache-2.0 */
#include "net/credential.h"

#include <errno.h>
#include <stdlib.h>

#include "base/base64.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "data/json.h"
#include "net/credential-impl.h"

enum { AUTH_MAX = 1 << 20 };

static const char docker_key[] = "https://index.docker.io/v1/";

void credential_cleanup(struct credential *c)
{
	free(c->user);
	free(c->password);
	free(c->identity_token);
	free(c->registry_token);
	*c = (struct credential){0};
}

bool credential_is_empty(const struct credential *c)
{
	return !c->user && !c->identity_token && !c->registry_token;
}

/* ---- which files ---- */

/* $variable/name, else $HOME/below_home/name; NULL when neither is set. */
static char *file_below(const char *variable, const char *below_home, const char *name)
{
	const char *dir = getenv(variable), *home = getenv("HOME");

	if (dir && *dir)
		return path_join(dir, name);
	if (!home || !*home || !below_home)
		return NULL;
	return str_printf("%s/%s/%s", home, below_home, name);
}

static void list_files(struct strv *ret)
{
	const char *chosen = getenv("REGISTRY_AUTH_FILE");
	char *const paths[] = {
		chosen && *chosen ? str_dup(chosen) : NULL,
		file_below("DOCKER_CONFIG", ".docker", "config.json"),
		file_below("XDG_RUNTIME_DIR", NULL, "containers/auth.json"),
		file_below("XDG_CONFIG_HOME", ".config", "containers/auth.json"),
	};

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		if (paths[i])
			strv_take(ret, paths[i]);
}

int auth_file_path(char **ret, struct werr **err)
{
	CLEANUP(strv) struct strv files = {0};

	list_files(&files);
	if (files.n == 0) {
		werr_set(err, WERR_INVALID, "no place for logins: HOME is not set");
		werr_hint(err, "name a file with the environment variable REGISTRY_AUTH_FILE");
		return werr_code(WERR_INVALID);
	}
	*ret = str_dup(files.items[0]);
	return 0;
}

/* Takes over the line. */
static void warn_once(struct strv *warned, char *line)
{
	if (!strv_has(warned, line)) {
		log_warning("%s", line);
		strv_add(warned, line);
	}
	free(line);
}

/* NULL when it does not exist, is empty, or can't be used. */
static struct document *auth_file_read(const char *path, struct strv *warned)
{
	CLEANUP(werr) struct werr *why = NULL;
	CLEANUP(free) char *text = NULL;
	struct document *d = NULL;
	size_t size = 0;
	int r = file_read_at_once(path, AUTH_FILE_MAX, &text, &size, &why);

	if (r == -ENOENT || r == -ENOTDIR || (r == 0 && size == strspn(text, " \t\r\n")))
		return NULL;
	if (r == 0)
		r = json_parse(path, text, size, &d, &why);
	if (r < 0)
		warn_once(warned,
			str_printf("the logins in %s can't be used: %s", path, why->message));
	return d;
}

/* ---- which entry ---- */

const char *auth_key_of(const char *registry)
{
	return str_eq(registry, "docker.io") ? docker_key : registry;
}

/* Without a leading "https://" and a trailing "/", "/v1/" or "/v2/". */
static char *bare_key(const char *key)
{
	static const char *const tails[] = {"/", "/v1", "/v2"};
	const char *rest = str_after(key, "https://");
	char *bare;

	rest = rest ? rest : str_after(key, "http://");
	bare = str_dup(rest ? rest : key);
	for (size_t i = 0; i < ARRAY_SIZE(tails); i++)
		if (str_ends_with(bare, tails[i]))
			bare[strlen(bare) - strlen(tails[i])] = 0;
	return bare;
}

size_t auth_key_covers(const char *key, const char *registry, const char *repository)
{
	CLEANUP(free) char *bare = bare_key(key);
	CLEANUP(free)
	char *name =
		str_printf("%s%s%s", registry, repository ? "/" : "", repository ? repository : "");
	const char *rest = str_after(name, bare);

	if (str_eq(registry, "docker.io") &&
		(str_eq(bare, "index.docker.io") || str_eq(bare, "registry-1.docker.io")))
		return strlen(registry);
	return rest && *bare && (!*rest || *rest == '/') ? strlen(bare) : 0;
}

const char *auth_file_helper(const struct document *d, const char *registry)
{
	const struct node *helpers = node_get(d->root, "credHelpers");
	const char *name = node_get_text(d->root, "credsStore");

	for (size_t i = 0; helpers && helpers->kind == NODE_MAP && i < helpers->n; i++)
		if (auth_key_covers(helpers->keys[i]->text, registry, NULL)) {
			name = node_get_text(helpers, helpers->keys[i]->text);
			break;
		}
	return name && *name ? name : NULL;
}

/* "auth" is base64 of "user:password"; it may end with zeros, as Docker allows. */
static bool take_auth(const char *text, struct credential *ret)
{
	CLEANUP(buf) struct buf b = BUF_INIT(AUTH_MAX);
	bool understood = base64_read(text, strlen(text), &b) && buf_error(&b) == 0;
	const char *plain = buf_str(&b), *colon = understood ? strchr(plain, ':') : NULL;
	size_t size = b.len;

	while (colon && size > 0 && !plain[size - 1])
		size--;
	if (!colon || strlen(plain) != size)
		return false;
	ret->user = str_dup_n(plain, (size_t)(colon - plain));
	ret->password = str_dup(colon + 1);
	return true;
}

/* An identity token comes with the user name, for servers that take it as a password. */
static bool take_identity(
	const char *token, const char *auth, const char *user, struct credential *ret)
{
	ret->identity_token = str_dup(token);
	if (user && *user)
		ret->user = str_dup(user);
	else if (auth && take_auth(auth, ret))
		free(STEAL(ret->password));
	return true;
}

static bool take_entry(const struct node *entry, struct credential *ret)
{
	const char *auth = node_get_text(entry, "auth");
	const char *user = node_get_text(entry, "username");
	const char *password = node_get_text(entry, "password");
	const char *identity = node_get_text(entry, "identitytoken");
	const char *token = node_get_text(entry, "registrytoken");

	if (identity && *identity)
		return take_identity(identity, auth, user, ret);
	if (token && *token)
		ret->registry_token = str_dup(token);
	else if (auth && *auth)
		return take_auth(auth, ret);
	else if (user && *user && password) {
		ret->user = str_dup(user);
		ret->password = str_dup(password);
	}
	return true;
}

bool auth_file_find(const struct document *d, const char *registry, const char *repository,
	struct credential *ret)
{
	const struct node *auths = node_get(d->root, "auths"), *best = NULL;
	size_t best_covers = 0;

	for (size_t i = 0; auths && auths->kind == NODE_MAP && i < auths->n; i++) {
		size_t covers = auth_key_covers(auths->keys[i]->text, registry, repository);

		if (covers > best_covers) {
			best = auths->items[i];
			best_covers = covers;
		}
	}
	return !best || take_entry(best, ret);
}

/*
 * A helper that is missing, not set up, or unsuccessful must not prevent access to what needs no
 * login.
 */
static int ask_helper(const char *path, const char *helper, const char *registry,
	struct strv *warned, struct credential *ret, struct werr **err)
{
	CLEANUP(werr) struct werr *why = NULL;
	int r = helper_get(helper, registry, ret, &why);

	if (r == -ECANCELED) {
		werr_pass(err, STEAL(why));
		return r;
	}
	if (r < 0) {
		credential_cleanup(ret);
		warn_once(warned,
			str_printf("%s: no login for %s: %s", path, registry, why->message));
	}
	return 0;
}

static int find_in_file(const char *path, const char *registry, const char *repository,
	struct strv *warned, struct credential *ret, struct werr **err)
{
	CLEANUP(document) struct document *d = auth_file_read(path, warned);
	const char *helper;
	int r = 0;

	if (!d)
		return 0;
	helper = auth_file_helper(d, registry);
	if (helper)
		r = ask_helper(path, helper, registry, warned, ret, err);
	if (r == 0 && credential_is_empty(ret) && !auth_file_find(d, registry, repository, ret))
		warn_once(warned,
			str_printf(
				"%s: no login for %s: its \"auth\" is not base64 of USER:PASSWORD",
				path, registry));
	if (r == 0 && !credential_is_empty(ret))
		log_detail("login for %s from %s", registry, path);
	return r;
}

int credential_find(const char *registry, const char *repository, struct strv *warned,
	struct credential *ret, struct werr **err)
{
	CLEANUP(strv) struct strv files = {0};
	const char *path;
	int r = 0;

	list_files(&files);
	STRV_FOREACH (path, &files)
		if (r == 0 && credential_is_empty(ret))
			r = find_in_file(path, registry, repository, warned, ret, err);
	return r;
}
