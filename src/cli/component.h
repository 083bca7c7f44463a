/* SPDX-License-Identifier: Apache-2.0 */
/* What the verbs about component images share: their options, and building one. */
#ifndef WHERRY_CLI_COMPONENT_H
#define WHERRY_CLI_COMPONENT_H

#include "cli/context.h"
#include "cli/component-path.h"
#include "pkg/pkg.h"

struct component_options {
	/* component_tag_options */
	const char *build_yml, *org, *tag, *hash, *hash_commit, *hash_path;
	bool dev, force_dirty;
	/* component_path_options */
	struct component_path_options packages;
	/* component_build_options */
	bool force;
	struct strv platforms;
};
/* They settle the package's tag. */
extern const struct option component_tag_options[];
/* Of `pkg build`, and of `pkg push`, which builds first. */
extern const struct option component_build_options[];

/* These options as pkg/ takes them, for this machine; the texts belong to o. */
struct pkg_options component_pkg_options(const struct component_options *o);
/*
 * Build a package's image for all platforms that are asked for, and print the result.
 * *name, which all platforms share, is NULL or freed before it is set.
 */
int component_build(struct context *ctx, struct store *store, const char *operand,
	const struct component_options *o, char **name, struct werr **err);

#endif
