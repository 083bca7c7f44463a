/* SPDX-License-Identifier: Apache-2.0 */
/* The images that formats take boot loaders from: see output/loader.h. */
#ifndef WHERRY_CLI_COMPONENT_LOADERS_H
#define WHERRY_CLI_COMPONENT_LOADERS_H

#include "cli/component-make.h"
#include "cli/input.h"
#include "output/loader.h"

struct component_loaders {
	struct config *config; /* that names them as a YAML file would */
	struct image **images;
	struct loader_image *items; /* for a build */
	size_t n;
};

/*
 * Find the packages `names` as the first of the YAML files would with "@pkg:NAME", and their images
 * as `from` says; those that are missing are made. It is no lock file that says which they are.
 */
int component_loaders_find(const struct context *ctx, const struct input_options *input,
	const struct component_make_options *make, const char *file, const struct strv *names,
	const struct resolve_options *from, struct component_loaders *ret, struct werr **err);
void component_loaders_cleanup(struct component_loaders *l);

#endif
