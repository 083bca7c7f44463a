/* SPDX-License-Identifier: Apache-2.0 */
#include "net/challenge.h"

#include <stdlib.h>
#include <strings.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"

#define ALNUM   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
#define TOKEN   ALNUM "!#$%&'*+-.^_`|~"
#define TOKEN68 ALNUM "-._~+/"

static void skip_spaces(const char **at)
{
	*at += strspn(*at, " \t");
}

static int malformed(struct werr **err)
{
	return werr_set(err, WERR_INVALID, "the server's request for a login is malformed");
}

/* A quoted string; *at is on its first quote. */
static int take_quoted(const char **at, char **ret, struct werr **err)
{
	CLEANUP(buf) struct buf out = BUF_INIT(CHALLENGE_SIZE_MAX);
	const char *s = *at + 1;

	for (; *s != '"'; s++) {
		if (*s == '\\')
			s++;
		/* A tab is the only control character that is allowed. */
		if (!*s || ((unsigned char)*s < ' ' && *s != '\t') || *s == 0x7f)
			return malformed(err);
		buf_putc(&out, *s);
	}
	*at = s + 1;
	*ret = buf_steal(&out);
	return 0;
}

static int take_value(const char **at, char **ret, struct werr **err)
{
	size_t n = strspn(*at, TOKEN);

	if (**at == '"')
		return take_quoted(at, ret, err);
	if (n == 0)
		return malformed(err);
	*ret = str_dup_n(*at, n);
	*at += n;
	return 0;
}

static char **parameter_of(struct challenge *c, const char *name)
{
	const struct {
		const char *name;
		char **field;
	} known[] = {{"realm", &c->realm}, {"service", &c->service}, {"scope", &c->scope}};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (strcasecmp(known[i].name, name) == 0)
			return known[i].field;
	return NULL;
}

/* "=value"; the name was taken. One that comes twice would be ambiguous. */
static int take_parameter(const char **at, struct challenge *c, const char *name, struct werr **err)
{
	CLEANUP(free) char *value = NULL;
	char **field = parameter_of(c, name);
	int r;

	*at += 1;
	skip_spaces(at);
	r = take_value(at, &value, err);
	if (r < 0)
		return r;
	if (++c->n_parameters > CHALLENGE_PARAMETERS_MAX)
		return werr_set(err, WERR_LIMIT, "the server's login has more than %d parameters",
			CHALLENGE_PARAMETERS_MAX);
	if (!field)
		return 0;
	if (*field)
		return malformed(err);
	*field = STEAL(value);
	return 0;
}

/* The word after a scheme that is not "name=": some bytes in base64. */
static void skip_token68(const char **at)
{
	size_t n = strspn(*at, TOKEN68);
	const char *end = *at + n + strspn(*at + n, "=");

	skip_spaces(&end);
	if (n > 0 && (!*end || *end == ','))
		*at = end;
}

static int take_scheme(const char **at, struct challenges *ret, const char *name, struct werr **err)
{
	if (ret->n >= CHALLENGES_MAX)
		return werr_set(
			err, WERR_LIMIT, "the server asks for more than %d logins", CHALLENGES_MAX);
	ret->items[ret->n++] = (struct challenge){.scheme = str_dup(name)};
	if (**at && **at != ',' && **at != ' ' && **at != '\t')
		return malformed(err);
	skip_spaces(at);
	skip_token68(at);
	return 0;
}

int challenges_parse(const char *text, struct challenges *ret, struct werr **err)
{
	size_t before = ret->n;
	int r = 0;

	if (strlen(text) > CHALLENGE_SIZE_MAX)
		return werr_set(err, WERR_LIMIT, "the server's login has more than %d bytes",
			CHALLENGE_SIZE_MAX);
	while (r == 0) {
		CLEANUP(free) char *name = NULL;
		const char *end;
		size_t n;

		text += strspn(text, " \t,");
		if (!*text)
			return 0;
		n = strspn(text, TOKEN);
		if (n == 0)
			return malformed(err);
		name = str_dup_n(text, n);
		text += n;
		end = text;
		skip_spaces(&end);
		if (*end == '=' && ret->n > before) {
			text = end;
			r = take_parameter(&text, &ret->items[ret->n - 1], name, err);
		} else {
			r = take_scheme(&text, ret, name, err);
		}
	}
	return r;
}

void challenges_cleanup(struct challenges *c)
{
	for (size_t i = 0; i < c->n; i++) {
		free(c->items[i].scheme);
		free(c->items[i].realm);
		free(c->items[i].service);
		free(c->items[i].scope);
	}
	*c = (struct challenges){0};
}

const struct challenge *challenges_find(const struct challenges *c, const char *scheme)
{
	for (size_t i = 0; i < c->n; i++)
		if (strcasecmp(c->items[i].scheme, scheme) == 0)
			return &c->items[i];
	return NULL;
}
