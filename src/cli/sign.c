/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/sign.h"

const struct option sign_options[] = {
	{.name = "sign-cert",
		.kind = OPTION_TEXT,
		.value = "FILE",
		.help = "The certificate of --sign-key, PEM",
		.offset = offsetof(struct sign_options, certificate)},
	{.name = "sign-key",
		.kind = OPTION_TEXT,
		.value = "KEY",
		.help = "Sign what UEFI starts, for Secure Boot, with this RSA key: a PEM file, or "
			"a token's (pkcs11:...)",
		.offset = offsetof(struct sign_options, key)},
	{0},
};

int sign_open(const struct sign_options *o, struct signer **ret, struct werr **err)
{
	if (!o->key && !o->certificate)
		return 0;
	if (!o->key || !o->certificate)
		return werr_set(err, WERR_USAGE, "--sign-key and --sign-cert need each other");
	return signer_open(o->key, o->certificate, ret, err);
}
