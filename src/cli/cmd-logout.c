/* SPDX-License-Identifier: Apache-2.0 */
/* logout: forget a login again. */
#include "base/mem.h"
#include "cli/cli.h"
#include "cli/result.h"
#include "net/credential.h"
#include "oci/reference.h"

static int run(struct context *ctx, ATTR_UNUSED const void *values, const char *const *operands,
	struct werr **err)
{
	CLEANUP(free) char *registry = NULL;
	CLEANUP(free) char *where = NULL;
	int r = reference_parse_registry(operands[0], &registry, err);

	if (r == 0)
		r = credential_forget(registry, &where, err);
	return r < 0 ? r
		     : result_show_login(
			       ctx, "logged out of", registry, "removed from", where, err);
}

const struct command command_logout = {
	.name = "logout",
	.summary = "Forget the login for a registry",
	.operands = "REGISTRY",
	.operands_min = 1,
	.operands_max = 1,
	.run = run,
};
