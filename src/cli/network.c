/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"
#include "net/net.h"

int context_open_net(const struct context *ctx, struct net **ret, struct werr **err)
{
	const struct global_options *g = &ctx->global;
	const struct net_options options = {
		.cert_files = g->cert_files,
		.mirrors = g->mirrors,
		.insecure = g->insecure,
		.timeout_seconds = g->timeout < 86400 ? (unsigned)g->timeout : 86400,
	};

	return net_open(ret, &options, err);
}
