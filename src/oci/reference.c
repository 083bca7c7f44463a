/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/reference.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

/* Limits of the distribution specification and of Docker. */
enum { NAME_MAX_BYTES = 255, TAG_MAX_BYTES = 128 };

#define LOWER  "abcdefghijklmnopqrstuvwxyz0123456789"
#define LETTER "ABCDEFGHIJKLMNOPQRSTUVWXYZ" LOWER

static bool made_of(const char *s, size_t n, const char *set)
{
	return strspn(s, set) >= n;
}

/* Check for letters and digits, separated by one of '.', '_', "__" or any number of '-'. */
static bool valid_component(const char *s, size_t n)
{
	size_t i = 0;

	while (i < n) {
		size_t word = strspn(s + i, LOWER);
		size_t rest, dashes;

		if (word == 0)
			return false;
		i += word;
		rest = n - i;
		if (i >= n)
			return i == n;
		dashes = strspn(s + i, "-");
		if (dashes > 0)
			i += dashes;
		else if (s[i] == '.')
			i++;
		else if (s[i] == '_')
			i += rest > 1 && s[i + 1] == '_' ? 2 : 1;
		else
			return false;
	}
	return false;
}

static bool valid_repository(const char *s)
{
	for (;;) {
		size_t n = strcspn(s, "/");

		if (!valid_component(s, n))
			return false;
		if (!s[n])
			return true;
		s += n + 1;
	}
}

/* Check for a host name, an IPv4 address or an IPv6 address in brackets, with or without a port. */
static bool valid_registry(const char *s)
{
	const char *colon = s[0] == '[' ? strchr(s, ']') : strchr(s, ':');
	size_t n = colon ? (size_t)(colon - s) : strlen(s);

	if (s[0] == '[') {
		if (!colon || n < 3 || !made_of(s + 1, n - 1, "0123456789abcdefABCDEF:."))
			return false;
		n++;
		colon = s[n] ? s + n : NULL;
	} else if (n == 0 || !made_of(s, n, LETTER ".-") || strchr(".-", s[0]) ||
		   strchr(".-", s[n - 1]) || strstr(s, "..")) {
		return false;
	}
	if (!colon)
		return true;
	return colon[0] == ':' && colon[1] && strlen(colon + 1) <= 5 &&
	       made_of(colon + 1, strlen(colon + 1), "0123456789");
}

static bool valid_tag(const char *s)
{
	size_t n = strlen(s);

	return n >= 1 && n <= TAG_MAX_BYTES && made_of(s, n, LETTER "_.-") && !strchr(".-", s[0]);
}

/* Check whether the first part of a name is a registry: not in "redis/x", but in "host:5000/x". */
static bool is_registry(const char *part, size_t n)
{
	return memchr(part, '.', n) || memchr(part, ':', n) || part[0] == '[' ||
	       (n == 9 && memcmp(part, "localhost", 9) == 0);
}

static void split_registry(char *name, struct reference *r)
{
	char *slash = strchr(name, '/');

	if (slash && is_registry(name, (size_t)(slash - name))) {
		r->registry = str_dup_n(name, (size_t)(slash - name));
		name = slash + 1;
	} else {
		r->registry = str_dup("docker.io");
	}
	if (str_eq(r->registry, "index.docker.io"))
		str_replace(&r->registry, "docker.io");
	if (str_eq(r->registry, "docker.io") && !strchr(name, '/'))
		r->repository = str_printf("library/%s", name);
	else
		r->repository = str_dup(name);
}

static int check(const char *text, const struct reference *r, struct werr **err)
{
	size_t n = strlen(r->registry) + 1 + strlen(r->repository);
	const char *upper = r->repository + strcspn(r->repository, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");

	if (n > NAME_MAX_BYTES)
		return werr_set(err, WERR_INVALID,
			"the image name '%.60s...' is longer than %d bytes", text, NAME_MAX_BYTES);
	if (!valid_registry(r->registry)) {
		const char *scheme = strstr(text, "://");

		werr_set(err, WERR_INVALID, "'%s' is not an image name: '%s' is not a registry",
			text, r->registry);
		if (scheme)
			werr_hint(err, "leave off the scheme: %s", scheme + 3);
		return werr_code(WERR_INVALID);
	}
	if (*upper)
		return werr_set(err, WERR_INVALID,
			"'%s' is not an image name: it must be in lower case", text);
	if (!valid_repository(r->repository))
		return werr_set(err, WERR_INVALID,
			"'%s' is not an image name: '%s' is not made of a-z, 0-9 and single '.', "
			"'_', '-' and '/' between them",
			text, r->repository);
	if (r->tag && !valid_tag(r->tag))
		return werr_set(err, WERR_INVALID,
			"'%s' is not an image name: '%.140s' is not a tag", text, r->tag);
	return 0;
}

static char *full_name(const struct reference *r, const char *tag)
{
	return str_printf("%s/%s%s%s%s%s", r->registry, r->repository, tag ? ":" : "",
		tag ? tag : "", r->digest ? "@" : "", r->digest ? r->digest : "");
}

int reference_parse(const char *text, struct reference *ret, struct werr **err)
{
	CLEANUP(reference) struct reference r = {0};
	CLEANUP(free) char *name = NULL;
	char *at, *colon;
	int res;

	if (strlen(text) > 1024)
		return werr_set(err, WERR_INVALID, "the image name '%.60s...' is too long", text);
	if (!text[0])
		return werr_set(err, WERR_INVALID, "an image name is empty");
	name = str_dup(text);
	at = strchr(name, '@');
	if (at) {
		struct digest d;

		*at = 0;
		res = digest_parse(at + 1, &d, err);
		if (res < 0) {
			werr_wrap(err, "'%s' is not an image name", text);
			return res;
		}
		r.digest = str_dup(d.text);
	}
	colon = strrchr(name, ':');
	if (colon && !strchr(colon, '/')) {
		*colon = 0;
		r.tag = str_dup(colon + 1);
	} else if (!at) {
		r.tag = str_dup("latest");
	}
	split_registry(name, &r);
	res = check(text, &r, err);
	if (res < 0)
		return res;
	r.text = str_dup(text);
	r.name = full_name(&r, r.tag);
	*ret = r;
	r = (struct reference){0};
	return 0;
}

void reference_copy(const struct reference *r, struct reference *ret)
{
	*ret = (struct reference){.text = str_dup(r->text),
		.name = str_dup(r->name),
		.registry = str_dup(r->registry),
		.repository = str_dup(r->repository),
		.tag = str_dup(r->tag),
		.digest = str_dup(r->digest)};
}

void reference_with_digest(
	const struct reference *r, const struct digest *digest, struct reference *ret)
{
	*ret = (struct reference){.registry = str_dup(r->registry),
		.repository = str_dup(r->repository),
		.digest = str_dup(digest->text)};
	ret->name = full_name(ret, NULL);
	ret->text = str_dup(ret->name);
}

void reference_cleanup(struct reference *r)
{
	free(r->text);
	free(r->name);
	free(r->registry);
	free(r->repository);
	free(r->tag);
	free(r->digest);
	*r = (struct reference){0};
}

char *reference_expand(const char *text)
{
	CLEANUP(reference) struct reference ref = {0};
	const char *last = strrchr(text, '/');

	if (reference_parse(text, &ref, NULL) < 0)
		return str_dup(text);
	return full_name(&ref, strpbrk(last ? last : text, ":@") ? ref.tag : NULL);
}

int reference_parse_registry(const char *text, char **ret, struct werr **err)
{
	CLEANUP(reference) struct reference ref = {0};
	const char *rest = str_after(text, "https://"), *host = rest ? rest : text;
	CLEANUP(free) char *image = str_printf("%.*s/any/image", (int)strcspn(host, "/"), host);

	if (strlen(host) > NAME_MAX_BYTES || reference_parse(image, &ref, NULL) < 0 ||
		!str_eq(ref.repository, "any/image"))
		return werr_set(err, WERR_USAGE, "'%s' is not a registry", text);
	*ret = STEAL(ref.registry);
	return 0;
}
