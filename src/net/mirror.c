/* SPDX-License-Identifier: Apache-2.0 */
#include "net/mirror.h"

#include "base/mem.h"
#include "net/url.h"

/* The URL of a mirror, and in *ret_registry the length of the registry's name in front of it, or 0.
 */
static const char *split(const char *mirror, size_t *ret_registry)
{
	const char *equals = strchr(mirror, '='), *scheme = strstr(mirror, "://");

	/* A URL may contain a '='. */
	if (!equals || (scheme && scheme < equals)) {
		*ret_registry = 0;
		return mirror;
	}
	*ret_registry = (size_t)(equals - mirror);
	return equals + 1;
}

static bool is_url(const char *s)
{
	const char *rest = str_after(s, "https://");

	rest = rest ? rest : str_after(s, "http://");
	return rest && *rest && *rest != '/' && !strpbrk(rest, "@?# ");
}

int mirrors_check(const struct strv *mirrors, struct werr **err)
{
	const char *mirror;
	size_t registry;

	STRV_FOREACH (mirror, mirrors)
		if (!is_url(split(mirror, &registry)) || *mirror == '=') {
			CLEANUP(free) char *shown = url_shown(mirror);

			werr_set(err, WERR_USAGE, "'%s' is not a mirror", shown);
			werr_hint(err, "write URL or REGISTRY=URL, "
				       "such as docker.io=https://mirror.example");
			return werr_code(WERR_USAGE);
		}
	return 0;
}

void mirrors_of(const struct strv *mirrors, const char *registry, struct strv *ret)
{
	const char *mirror;
	size_t n;

	STRV_FOREACH (mirror, mirrors) {
		const char *url = split(mirror, &n);

		if (n == 0 || (strlen(registry) == n && memcmp(mirror, registry, n) == 0))
			strv_add(ret, url);
	}
}
