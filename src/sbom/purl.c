/* SPDX-License-Identifier: Apache-2.0 */
#include "sbom/purl.h"

#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"

/* All but letters, digits, ".-_~:" and what else is kept is written as bytes in hex. */
static void put(struct buf *out, const char *text, const char *kept)
{
	for (const char *c = text; *c; c++)
		if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_~:",
			    *c) ||
			strchr(kept, *c))
			buf_putc(out, *c);
		else
			buf_printf(out, "%%%02X", (unsigned)(unsigned char)*c);
}

/* Names of modules of Go and of images are lower case, by the rules of their types. */
static void put_lower(struct buf *out, const char *text)
{
	CLEANUP(free) char *lower = str_dup(text);

	for (char *c = lower; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	put(out, lower, "/");
}

/* Qualifiers are in the order of their keys; empty ones do not exist. */
static void put_qualifier(struct buf *out, char *separator, const char *key, const char *value)
{
	if (!*value)
		return;
	buf_printf(out, "%c%s=", *separator, key);
	put(out, value, "/");
	*separator = '&';
}

char *purl_of_software(const struct software *s, const char *distro, const char *release)
{
	/* By default the distribution that the kind of package comes from. */
	static const struct {
		const char *type, *distro;
	} kinds[SOFTWARE_KINDS] = {
		[SOFTWARE_DEB] = {"deb", "debian"},
		[SOFTWARE_APK] = {"apk", "alpine"},
		[SOFTWARE_RPM] = {"rpm", ""},
		[SOFTWARE_GO] = {"golang", NULL},
	};
	const char *from = *distro ? distro : kinds[s->kind].distro;
	CLEANUP(buf) struct buf out = BUF_INIT(PURL_MAX);
	CLEANUP(free)
	char *whole = *distro && *release ? str_printf("%s-%s", distro, release) : str_dup("");
	char separator = '?';

	buf_printf(&out, "pkg:%s/", kinds[s->kind].type);
	if (s->kind == SOFTWARE_GO) {
		put_lower(&out, s->text[SOFTWARE_NAME]);
	} else {
		if (*from) {
			put(&out, from, "");
			buf_putc(&out, '/');
		}
		put(&out, s->text[SOFTWARE_NAME], "");
	}
	if (*s->text[SOFTWARE_VERSION]) {
		buf_putc(&out, '@');
		put(&out, s->text[SOFTWARE_VERSION], "");
	}
	if (s->kind != SOFTWARE_GO) {
		put_qualifier(&out, &separator, "arch", s->text[SOFTWARE_ARCH]);
		put_qualifier(&out, &separator, "distro", whole);
		put_qualifier(&out, &separator, "epoch", s->text[SOFTWARE_EPOCH]);
	}
	return buf_steal(&out);
}

char *purl_of_image(const struct image *image)
{
	CLEANUP(reference) struct reference ref = {0};
	CLEANUP(buf) struct buf out = BUF_INIT(PURL_MAX);
	CLEANUP(free) char *repository = NULL;
	char separator = '?';
	const char *base;

	if (reference_parse(image->name, &ref, NULL) == 0)
		repository = str_printf("%s/%s", ref.registry, ref.repository);
	else
		repository = str_dup(image->name);
	base = strrchr(repository, '/');
	buf_puts(&out, "pkg:oci/");
	put_lower(&out, base ? base + 1 : repository);
	buf_putc(&out, '@');
	put(&out, image->descriptor.digest.text, "");
	put_qualifier(&out, &separator, "arch", image->platform.arch);
	put_qualifier(&out, &separator, "repository_url", repository);
	put_qualifier(&out, &separator, "tag", ref.tag ? ref.tag : "");
	return buf_steal(&out);
}
