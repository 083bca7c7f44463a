/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libcrypto is a part of this program, so it has no place for an engine or a provider, which are
 * shared objects that need a shared libcrypto; openssl has.
 */
#include "boot/pkcs11.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "base/mem.h"
#include "base/process.h"
#include "base/str.h"

enum { SIGNATURE_MAX = 4096, SECONDS_MAX = 60, ARGS_MAX = 24 };

/* How openssl is told to look for keys in tokens. */
static const struct way {
	const char *args[5];
	const char *missing; /* what it says when it can't */
} ways[] = {
	{{"-engine", "pkcs11", "-keyform", "engine"}, "nvalid engine"},
	{{"-provider", "default", "-provider", "pkcs11"}, "unable to load provider"},
};

/* Who asks for a PIN gets none, instead of being stopped for it in the background. */
static int leave_terminal(ATTR_UNUSED void *ctx)
{
	signal(SIGTTIN, SIG_IGN);
	signal(SIGTTOU, SIG_IGN);
	return 0;
}

static int sign(const struct way *way, const char *uri, const unsigned char *hash,
	struct process_result *ret, struct werr **err)
{
	static const char *const begin[] = {"openssl", "pkeyutl", "-sign", "-pkeyopt",
		"digest:sha256", "-pkeyopt", "rsa_padding_mode:pkcs1", "-inkey"};
	const char *argv[ARGS_MAX] = {NULL};
	const struct process_spec spec = {.argv = argv,
		.enter = leave_terminal,
		.input = (const char *)hash,
		.input_size = SHA256_SIZE,
		.output_max = SIGNATURE_MAX,
		.timeout_seconds = SECONDS_MAX};
	size_t n = 0;
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(begin); i++)
		argv[n++] = begin[i];
	argv[n++] = uri;
	for (size_t i = 0; way->args[i]; i++)
		argv[n++] = way->args[i];
	r = process_run(&spec, ret, err);
	if (r == -ENOENT)
		werr_hint(err, "apt-get install openssl libengine-pkcs11-openssl");
	return r;
}

/* By what openssl, libp11 and pkcs11-provider write. None of it is shown: a URI can have a PIN. */
static const struct {
	const char *part, *problem;
} problems[] = {
	{"PIN incorrect", "its PIN is wrong (it is all that the file has, a newline too)"},
	{"No PIN", "its PIN is not given"},
	{"no PIN", "its PIN is not given"},
	{"Unable to load PKCS#11 module", "the module of PKCS#11 can't be loaded"},
	{"No matching initialized token", "there is no such token"},
	{"not found", "there is no such key"},
};

static int failed(const char *errors, struct werr **err)
{
	const char *problem = "openssl failed";

	for (size_t i = ARRAY_SIZE(problems); i-- > 0;)
		if (strstr(errors, problems[i].part))
			problem = problems[i].problem;
	werr_set(err, WERR_FAILED, "can't sign with the token's key: %s", problem);
	werr_hint(err, "the URI names one key, and where its PIN is: "
		       "pkcs11:token=NAME;object=KEY;type=private?pin-source=FILE");
	return werr_code(WERR_FAILED);
}

/*
 * openssl may crash at its end, after all is done: some modules are unloaded in a wrong order. The
 * signature is checked by the caller. A second way is only tried where the first one is missing, as
 * tokens count wrong PINs.
 */
int pkcs11_sign(const char *uri, const unsigned char hash[static SHA256_SIZE], unsigned char *ret,
	size_t max, size_t *ret_size, struct werr **err)
{
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		CLEANUP(process_result) struct process_result result = {0};
		int r = sign(&ways[i], uri, hash, &result, err);

		if (r < 0)
			return r;
		if (result.output_size > 0) {
			*ret_size = result.output_size;
			memcpy(ret, result.output,
				result.output_size < max ? result.output_size : max);
			return 0;
		}
		if (!strstr(result.errors, ways[i].missing))
			return failed(result.errors, err);
	}
	werr_set(err, WERR_NOT_FOUND, "openssl has no engine for PKCS#11");
	werr_hint(err, "apt-get install libengine-pkcs11-openssl");
	return werr_code(WERR_NOT_FOUND);
}
