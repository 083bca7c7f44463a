/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/digest.h"

#include <errno.h>
#include <string.h>

#include "base/attr.h"
#include "base/mem.h"
#include "base/str.h"

/* All names have the same length, so the digits begin at the same place. */
static const struct {
	const char *name;
	size_t n_digits;
} kinds[DIGEST_KINDS] = {
	[DIGEST_SHA256] = {"sha256", SHA256_HEX},
	[DIGEST_SHA512] = {"sha512", SHA512_HEX},
};

enum { NAME_SIZE = sizeof("sha256") - 1 };

/* Parse "sha256:..." with any separator. */
static bool parse(const char *text, char separator, struct digest *ret)
{
	for (size_t i = 0; i < DIGEST_KINDS; i++) {
		const char *hex;

		if (strncmp(text, kinds[i].name, NAME_SIZE) != 0 || text[NAME_SIZE] != separator)
			continue;
		hex = text + NAME_SIZE + 1;
		if (strlen(hex) != kinds[i].n_digits ||
			strspn(hex, "0123456789abcdef") != kinds[i].n_digits)
			return false;
		str_format(ret->text, sizeof(ret->text), "%s:%s", kinds[i].name, hex);
		return true;
	}
	return false;
}

static bool is_known_kind(const char *text)
{
	for (size_t i = 0; i < DIGEST_KINDS; i++)
		if (strncmp(text, kinds[i].name, NAME_SIZE) == 0 && text[NAME_SIZE] == ':')
			return true;
	return false;
}

int digest_parse(const char *text, struct digest *ret, struct werr **err)
{
	if (parse(text, ':', ret))
		return 0;
	if (strchr(text, ':') && !is_known_kind(text))
		return werr_set(err, WERR_UNSUPPORTED,
			"the digest '%.80s' is neither a sha256 nor a sha512, the only kinds that "
			"are supported",
			text);
	return werr_set(err, WERR_INVALID,
		"'%.80s' is not a digest: sha256: and 64 digits of 0-9 and a-f, or sha512: and 128",
		text);
}

int digest_parse_path(const char *path, struct digest *ret)
{
	return parse(path, '/', ret) ? 0 : -EINVAL;
}

char *digest_blob_path(const struct digest *d)
{
	return str_printf("blobs/%s/%s", digest_kind_name(digest_kind(d)), digest_hex(d));
}

void digest_of(const void *p, size_t size, struct digest *ret)
{
	digest_of_kind(DIGEST_SHA256, p, size, ret);
}

void digest_of_kind(enum digest_kind kind, const void *p, size_t size, struct digest *ret)
{
	char hex[SHA512_HEX + 1];

	if (kind == DIGEST_SHA512)
		sha512_of(p, size, hex);
	else
		sha256_of(p, size, hex);
	str_format(ret->text, sizeof(ret->text), "%s:%s", kinds[kind].name, hex);
}

void digest_from_hex(const char *hex, struct digest *ret)
{
	str_format(ret->text, sizeof(ret->text), "%s:%s", kinds[DIGEST_SHA256].name, hex);
}

enum digest_kind digest_kind(const struct digest *d)
{
	return strncmp(d->text, kinds[DIGEST_SHA512].name, NAME_SIZE) == 0 ? DIGEST_SHA512
									   : DIGEST_SHA256;
}

const char *digest_kind_name(enum digest_kind kind)
{
	return kinds[kind].name;
}

const char *digest_hex(const struct digest *d)
{
	return d->text + NAME_SIZE + 1;
}

bool digest_eq(const struct digest *a, const struct digest *b)
{
	return str_eq(a->text, b->text);
}
