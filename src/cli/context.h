/* SPDX-License-Identifier: Apache-2.0 */
/* What all verbs share: the global options, and the store and the network as these describe them.
 */
#ifndef WHERRY_CLI_CONTEXT_H
#define WHERRY_CLI_CONTEXT_H

#include "base/error.h"
#include "base/progress.h"
#include "base/str.h"
#include "options/option.h"

struct net;
struct store;

struct global_options {
	const char *cache; /* NULL: the default */
	bool quiet, json, help, version;
	/* See struct net_options. */
	struct strv cert_files, mirrors, insecure;
	uint64_t timeout; /* seconds */
	uint64_t verbose; /* 0 warnings, 1 steps, 2 programs and files, 3 everything */
};
/* One group, for a struct global_options. */
extern const struct option_group global_options[];

/* See called.h. */
struct called {
	const char *name;         /* "wherry", "linuxkit" */
	const char *cache, *arch; /* --cache and --arch of the command line, or NULL */
	bool as_linuxkit;
};

struct context {
	struct global_options global;
	const struct progress *progress; /* shows bars, lines or JSON; NULL when quiet */
	bool as_linuxkit;                /* called by the name linuxkit */
	struct called called;
};

/* The store in the directory of --cache, of the environment, or in the default one. */
int context_open_store(const struct context *ctx, struct store **ret, struct werr **err);
/* Is there one? Nothing is made. */
bool context_has_store(const struct context *ctx);
/* The network, as the global options say; nothing is done until the first request. */
int context_open_net(const struct context *ctx, struct net **ret, struct werr **err);

#endif
