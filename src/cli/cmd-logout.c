/* SPDX-License-Identifier: Apache-2.0 */
/* logout: forget a login again. */
#include "base/log.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "net/credential.h"
#include "oci/reference.h"

static int run(ATTR_UNUSED struct context *ctx, ATTR_UNUSED const void *values,
	const char *const *operands, struct werr **err)
{
	CLEANUP(free) char *registry = NULL;
	CLEANUP(free) char *where = NULL;
	int r = reference_parse_registry(operands[0], &registry, err);

	if (r == 0)
		r = credential_forget(registry, &where, err);
	if (r == 0)
		log_info("logged out of %s; removed from %s", registry, where);
	return r;
}

const struct command command_logout = {
	.name = "logout",
	.summary = "Forget the login for a registry",
	.operands = "REGISTRY",
	.operands_min = 1,
	.operands_max = 1,
	.run = run,
};
