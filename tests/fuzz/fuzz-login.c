/* SPDX-License-Identifier: Apache-2.0 */
/* Login files (config.json, auth.json), and the output of a credential helper. */
#include <stdint.h>
#include <stdlib.h>

#include "base/mem.h"
#include "data/json.h"
#include "net/credential-impl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A login is complete, or there is none. */
static void check(const struct credential *c)
{
	if (c->password && !c->user)
		abort();
	if (c->identity_token && (c->password || c->registry_token))
		abort();
	if (c->registry_token && (c->user || c->password))
		abort();
}

static void look_into_file(const char *text, size_t size)
{
	static const char *const registries[] = {"docker.io", "a.example:5000", "[::1]:5000"};
	CLEANUP(document) struct document *d = NULL;

	if (json_parse("config.json", text, size, &d, NULL) < 0)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(registries); i++) {
		struct credential c = {0};
		const char *helper = auth_file_helper(d, registries[i]);

		if (helper && !*helper)
			abort();
		if (!auth_file_find(d, registries[i], "b/c", &c) && !credential_is_empty(&c))
			abort();
		check(&c);
		credential_cleanup(&c);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(werr) struct werr *err = NULL;
	struct credential c = {0};
	int r = helper_parse("x", (const char *)data, size, &c, &err);

	if ((r < 0) != (err != NULL) || (r < 0 && !credential_is_empty(&c)))
		abort();
	check(&c);
	credential_cleanup(&c);
	look_into_file((const char *)data, size);
	return 0;
}
