/* SPDX-License-Identifier: Apache-2.0 */
#include "net/auth.h"

#include <errno.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "net/challenge.h"
#include "net/internal.h"
#include "net/token.h"
#include "net/url.h"

struct token {
	struct token *next;
	char *base, *scopes;
	char *value;      /* of Authorization */
	uint64_t expires; /* by clock_ms(); 0: never */
};

static struct token *find(struct net *n, const struct auth_scope *s)
{
	for (struct token *t = n->tokens; t; t = t->next)
		if (str_eq(t->base, s->base) && str_eq(t->scopes, s->scopes))
			return t;
	return NULL;
}

char *auth_find(struct net *n, const struct auth_scope *s)
{
	const struct token *t;
	char *value = NULL;

	pthread_mutex_lock(&n->auth_lock);
	t = find(n, s);
	if (t && (!t->expires || clock_ms() < t->expires))
		value = str_dup(t->value);
	pthread_mutex_unlock(&n->auth_lock);
	return value;
}

/* Takes over value. */
static void keep(struct net *n, const struct auth_scope *s, char *value, unsigned seconds)
{
	struct token *t = find(n, s);

	if (!t) {
		t = mem_new(struct token);
		t->base = str_dup(s->base);
		t->scopes = str_dup(s->scopes);
		t->next = n->tokens;
		n->tokens = t;
	}
	free(t->value);
	t->value = value;
	/* A little early, because a request takes time. */
	t->expires = seconds ? clock_ms() + (uint64_t)(seconds - seconds / 10) * 1000 : 0;
}

static int no_login(const struct auth_scope *s, const char *used, struct werr **err)
{
	if (used)
		werr_set(err, WERR_DENIED, "%s does not accept the login", s->registry);
	else
		werr_set(err, WERR_DENIED, "%s wants a login", s->registry);
	werr_hint(err, "log in with: wherry login %s", s->registry);
	return werr_code(WERR_DENIED);
}

static int basic(struct net *n, const struct auth_scope *s, const struct credential *login,
	const char *used, struct werr **err)
{
	CLEANUP(free) char *value = NULL;

	if (!login->user || !login->password)
		return no_login(s, used, err);
	value = token_basic(login);
	if (used && str_eq(used, value))
		return no_login(s, used, err);
	keep(n, s, STEAL(value), 0);
	return 0;
}

static int bearer(struct net *n, const struct auth_scope *s, const struct challenge *c,
	const struct credential *login, const char *used, struct werr **err)
{
	struct token_request q = {.realm = c->realm,
		.service = c->service,
		.loopback = s->loopback,
		.login = login,
		.scopes = {s->scopes, c->scope}};
	CLEANUP(free) char *text = NULL;
	CLEANUP(free) char *value = NULL;
	CLEANUP(free) char *shown = NULL;
	unsigned seconds = 0;
	int r;

	if (login->registry_token) {
		value = str_printf("Bearer %s", login->registry_token);
		if (used && str_eq(used, value))
			return no_login(s, used, err);
		keep(n, s, STEAL(value), 0);
		return 0;
	}
	shown = url_shown(c->realm ? c->realm : "");
	log_debug("token for '%s' from %s", s->scopes, shown);
	r = token_get(n, &q, &text, &seconds, err);
	if (r < 0) {
		werr_wrap(err, "can't log in to %s", s->registry);
		if (r == -EACCES)
			werr_hint(err, "log in with: wherry login %s", s->registry);
		return r;
	}
	keep(n, s, str_printf("Bearer %s", text), seconds);
	return 0;
}

static int log_in(struct net *n, const struct auth_scope *s, const struct challenges *asked,
	const char *used, struct werr **err)
{
	const struct challenge *token = challenges_find(asked, "Bearer");
	struct credential found = {0};
	int r = 0;

	if (asked->n == 0)
		return werr_set(err, WERR_DENIED,
			"%s refuses the request (HTTP status 401) without saying which login it "
			"wants",
			s->registry);
	if (!token && !challenges_find(asked, "Basic"))
		return werr_set(err, WERR_UNSUPPORTED,
			"%s asks for an unsupported kind of login: %s", s->registry,
			asked->items[0].scheme);
	if (!s->login)
		r = credential_find(s->registry, s->repository, &n->warned, &found, err);
	if (r == 0 && token)
		r = bearer(n, s, token, s->login ? s->login : &found, used, err);
	else if (r == 0)
		r = basic(n, s, s->login ? s->login : &found, used, err);
	credential_cleanup(&found);
	return r;
}

int auth_renew(struct net *n, const struct auth_scope *s, const struct http_response *answer,
	const char *used, struct werr **err)
{
	struct challenges asked = {0};
	const struct token *t;
	const char *text;
	size_t at = 0;
	int r = 0;

	while (r == 0 && (text = http_header(answer, "WWW-Authenticate", &at)))
		r = challenges_parse(text, &asked, err);
	/* One at a time: when several requests are refused at once, the first one logs in for
	 * all of them. */
	pthread_mutex_lock(&n->auth_lock);
	t = find(n, s);
	if (r == 0 && (!t || (used && str_eq(t->value, used)) ||
			      (t->expires && clock_ms() >= t->expires)))
		r = log_in(n, s, &asked, used, err);
	pthread_mutex_unlock(&n->auth_lock);
	challenges_cleanup(&asked);
	return r;
}

void auth_free(struct net *n)
{
	strv_clear(&n->warned);
	while (n->tokens) {
		struct token *t = n->tokens;

		n->tokens = t->next;
		free(t->base);
		free(t->scopes);
		free(t->value);
		free(t);
	}
}
