/* SPDX-License-Identifier: Apache-2.0 */
/* Signing for Secure Boot. */
#ifndef WHERRY_CLI_SIGN_H
#define WHERRY_CLI_SIGN_H

#include "boot/signer.h"
#include "options/option.h"

struct sign_options {
	const char *key, *certificate;
};
extern const struct option sign_options[]; /* for a struct sign_options */

/* *ret stays NULL when nothing is to be signed. */
int sign_open(const struct sign_options *o, struct signer **ret, struct werr **err);

#endif
