/* SPDX-License-Identifier: Apache-2.0 */
#include "net/token.h"

#include "base/base64.h"
#include "base/buf.h"
#include "base/mem.h"
#include "data/json.h"
#include "net/internal.h"
#include "net/url.h"

enum {
	ANSWER_MAX = 256 << 10,
	TOKEN_MAX = 32 << 10,
	LOGIN_MAX = 2 << 20,
	QUERY_MAX = 64 << 10,
	SECONDS_DEFAULT = 60,
	SECONDS_MAX = 3600,
};

char *token_basic(const struct credential *login)
{
	CLEANUP(free)
	char *plain = str_printf("%s:%s", login->user ? login->user : "", login->password);
	CLEANUP(buf) struct buf text = BUF_INIT(LOGIN_MAX);

	base64_add(&text, plain, strlen(plain));
	return str_printf("Basic %s", buf_str(&text));
}

/* "&name=value", or "name=value" at the beginning of a form. */
static void add(struct net *n, struct buf *out, const char *name, const char *value)
{
	char *escaped = value ? n->curl.easy_escape(NULL, value, 0) : NULL;

	if (!escaped)
		return;
	buf_printf(out, "%s%s=%s", out->len ? "&" : "", name, escaped);
	n->curl.free(escaped);
}

/* Is there already one for the same thing, "repository:NAME:"? */
static bool has_scope_for(const struct strv *scopes, const char *scope)
{
	const char *actions = strrchr(scope, ':'), *have;
	size_t n = actions ? (size_t)(actions - scope) + 1 : strlen(scope) + 1;

	STRV_FOREACH (have, scopes)
		if (strncmp(have, scope, n) == 0)
			return true;
	return false;
}

/* Ours first: they cover everything that is needed, while the challenge asks only for what a single
 * request needs. */
static void list_scopes(const struct token_request *q, struct strv *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(q->scopes); i++) {
		CLEANUP(strv) struct strv parts = {0};
		const char *part;

		strv_split(&parts, q->scopes[i] ? q->scopes[i] : "", ' ');
		STRV_FOREACH (part, &parts)
			if (*part && !has_scope_for(ret, part))
				strv_add(ret, part);
	}
}

/* It goes into a header field. */
static bool valid_token(const char *s)
{
	size_t n = 0;

	while (s[n] > ' ' && s[n] < 0x7f)
		n++;
	return n > 0 && n <= TOKEN_MAX && !s[n];
}

int token_parse(const char *place, const char *text, size_t size, char **ret, unsigned *ret_seconds,
	struct werr **err)
{
	CLEANUP(document) struct document *d = NULL;
	uint64_t seconds = SECONDS_DEFAULT;
	const struct node *expires;
	const char *token;

	if (json_parse(place, text, size, &d, NULL) < 0)
		return werr_set(err, WERR_CORRUPT, "%s: the answer is not JSON", place);
	token = node_get_text(d->root, "token");
	if (!token || !*token)
		token = node_get_text(d->root, "access_token");
	if (!token || !valid_token(token))
		return werr_set(err, WERR_CORRUPT, "%s answers without a token", place);
	expires = node_get(d->root, "expires_in");
	if (expires && node_to_u64(expires, &seconds) && seconds == 0)
		seconds = SECONDS_DEFAULT;
	*ret = str_dup(token);
	*ret_seconds = (unsigned)(seconds < SECONDS_MAX ? seconds : SECONDS_MAX);
	return 0;
}

/* *ret_status is the status of the answer, if there is one. */
static int ask(struct net *n, const struct http_request *q, const char *place, int *ret_status,
	char **ret, unsigned *ret_seconds, struct werr **err)
{
	CLEANUP(http_response) struct http_response *response = NULL;
	CLEANUP(free) char *text = NULL;
	size_t size;
	int r = http_fetch(n, q, &response, err);

	if (r == 0)
		*ret_status = http_status(response);
	if (r == 0 && !http_succeeded(response))
		return http_refused(response, place, err);
	if (r == 0)
		r = reader_read_all(http_body(response), ANSWER_MAX, &text, &size, err);
	return r < 0 ? r : token_parse(place, text, size, ret, ret_seconds, err);
}

/* Servers that know no identity tokens take one as a password. */
static char *basic_of(const struct credential *login)
{
	const struct credential as_password = {
		.user = login->user, .password = login->identity_token};

	if (login->identity_token)
		return token_basic(&as_password);
	return login->user ? token_basic(login) : NULL;
}

static int ask_with_get(struct net *n, const struct token_request *q, const struct strv *scopes,
	const struct url *realm, char **ret, unsigned *ret_seconds, struct werr **err)
{
	CLEANUP(buf) struct buf query = BUF_INIT(QUERY_MAX);
	CLEANUP(free) char *url = NULL;
	CLEANUP(free) char *basic = basic_of(q->login);
	const char *scope;
	int status;

	add(n, &query, "service", q->service);
	add(n, &query, "account", q->login->user);
	STRV_FOREACH (scope, scopes)
		add(n, &query, "scope", scope);
	url = str_printf(
		"%s%s%s", realm->text, strchr(realm->text, '?') ? "&" : "?", buf_str(&query));
	return ask(n, &(struct http_request){.method = "GET", .url = url, .authorization = basic},
		realm->place, &status, ret, ret_seconds, err);
}

static int ask_with_post(struct net *n, const struct token_request *q, const struct strv *scopes,
	const struct url *realm, int *ret_status, char **ret, unsigned *ret_seconds,
	struct werr **err)
{
	CLEANUP(buf) struct buf form = BUF_INIT(QUERY_MAX);
	CLEANUP(free) char *all = strv_join(scopes, " ");
	struct http_source body;

	add(n, &form, "grant_type", "refresh_token");
	add(n, &form, "service", q->service);
	add(n, &form, "client_id", "wherry");
	add(n, &form, "scope", all);
	add(n, &form, "refresh_token", q->login->identity_token);
	body = http_memory(buf_str(&form), form.len);
	return ask(n,
		&(struct http_request){.method = "POST",
			.url = realm->text,
			.headers = {"Content-Type: application/x-www-form-urlencoded"},
			.body = &body,
			.repeat = HTTP_REPEAT_ALWAYS},
		realm->place, ret_status, ret, ret_seconds, err);
}

/* Servers without POST say so in different ways: GCR, Artifactory, ACR. */
static bool knows_no_post(int status)
{
	static const int codes[] = {400, 401, 404, 405};

	for (size_t i = 0; i < ARRAY_SIZE(codes); i++)
		if (codes[i] == status)
			return true;
	return false;
}

int token_get(struct net *n, const struct token_request *q, char **ret, unsigned *ret_seconds,
	struct werr **err)
{
	CLEANUP(strv) struct strv scopes = {0};
	CLEANUP(url) struct url realm = {0};
	CLEANUP(werr) struct werr *why = NULL;
	int status = 0, r;

	if (!q->realm)
		return werr_set(err, WERR_INVALID, "it does not say where to get a token");
	r = url_parse(n, q->realm, NULL, &realm, err);
	if (r == 0 && realm.loopback && !q->loopback)
		r = werr_set(
			err, WERR_DENIED, "it sends us to %s, which is this machine", realm.place);
	if (r < 0)
		return r;
	list_scopes(q, &scopes);
	if (!q->login->identity_token)
		return ask_with_get(n, q, &scopes, &realm, ret, ret_seconds, err);
	r = ask_with_post(n, q, &scopes, &realm, &status, ret, ret_seconds, &why);
	if (r < 0 && knows_no_post(status) &&
		ask_with_get(n, q, &scopes, &realm, ret, ret_seconds, NULL) == 0)
		return 0;
	werr_pass(err, STEAL(why));
	return r;
}
