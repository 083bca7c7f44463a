/* SPDX-License-Identifier: Apache-2.0 */
/* What the verbs about component images share: their options, and building one. */
#ifndef WHERRY_CLI_PACKAGE_H
#define WHERRY_CLI_PACKAGE_H

#include "cli/context.h"
#include "pkg/pkg.h"

struct package_options {
	/* package_tag_options */
	const char *build_yml, *org, *tag, *hash, *hash_commit, *hash_path;
	bool dev, force_dirty;
	/* package_build_options */
	bool force;
	struct strv platforms;
};
/* They settle the package's tag. */
extern const struct option package_tag_options[];
/* Of `pkg build`, and of `pkg push`, which builds first. */
extern const struct option package_build_options[];

/* The same for pkg/, for this machine; the texts belong to o. */
struct pkg_options package_options_for(const struct package_options *o);
/*
 * Build a directory's image for all platforms that are asked for, and print what became of it.
 * *name, which all platforms share, is NULL or freed before it is set.
 */
int package_build(struct context *ctx, struct store *store, const char *dir,
	const struct package_options *o, char **name, struct werr **err);

#endif
