/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/digest.h"

#include <string.h>

#include "base/str.h"

static const char prefix[] = "sha256:";

int digest_parse(const char *text, struct digest *ret, struct werr **err)
{
	const char *hex = str_after(text, prefix);
	struct digest d;

	if (!hex && strchr(text, ':'))
		return werr_set(err, WERR_UNSUPPORTED,
			"the digest '%.80s' is not of the kind sha256, the only one supported",
			text);
	if (!hex || strlen(hex) != SHA256_HEX || strspn(hex, "0123456789abcdef") != SHA256_HEX)
		return werr_set(err, WERR_INVALID,
			"'%.80s' is not a digest: sha256: and 64 digits of 0-9 and a-f", text);
	digest_from_hex(hex, &d);
	*ret = d;
	return 0;
}

void digest_of(const void *p, size_t size, struct digest *ret)
{
	char hex[SHA256_HEX + 1];

	sha256_of(p, size, hex);
	digest_from_hex(hex, ret);
}

void digest_from_hex(const char *hex, struct digest *ret)
{
	str_format(ret->text, sizeof(ret->text), "%s%s", prefix, hex);
}

const char *digest_hex(const struct digest *d)
{
	return d->text + sizeof(prefix) - 1;
}

bool digest_eq(const struct digest *a, const struct digest *b)
{
	return str_eq(a->text, b->text);
}
