/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plan: the ordered list of parts that an OS is made of. It is complete, and no longer changes,
 * before anything is encoded.
 */
#ifndef WHERRY_PLAN_PLAN_H
#define WHERRY_PLAN_PLAN_H

#include "plan/earlier.h"
#include "plan/part.h"
#include "resolve/resolve.h"
#include "sbom/sbom.h"

/* The kernel's image, merged, and what is taken from it: see plan_load_kernel. */
struct plan_kernel {
	struct tree *tree; /* NULL: the configuration has none, or it was not needed */
	struct tree_node *binary;
	struct tree_node *tar;   /* or NULL */
	struct tree_node *ucode; /* or NULL */
};

struct plan_options {
	bool decompress_kernel;
	bool strict;      /* what images' labels grant themselves is an error */
	bool release;     /* write an os-release where nothing else brings one */
	const char *sbom; /* its path in the OS; NULL: none */
	enum sbom_format sbom_format;
	int64_t sbom_time;
	const char *input_tar;          /* NULL, or an earlier build's */
	struct compression compression; /* of the initrd */
};

/* What is taken from an earlier tar. The arrays have the configuration's indexes. */
struct plan_unchanged {
	bool boot, root, *containers, *volumes;
};

struct plan {
	const struct config *config;
	struct plan_options options;
	struct store *store;
	struct earlier *earlier; /* or NULL */
	struct plan_unchanged unchanged;
	struct resolve_options images_from;
	struct plan_kernel kernel;
	struct config_image_use *uses; /* of images, each image once */
	struct image **images;         /* for each use */
	size_t n_images;
	struct part *parts;
	size_t n;
};

/*
 * Find every image and make every bundle's files. All mistakes come as one list. c and the store
 * must outlive the plan.
 */
int plan_make(struct plan **ret, const struct config *c, const struct resolve_options *images,
	const struct plan_options *options, struct werr **err);
/*
 * Load the kernel's image, which parts with needs_kernel are made from. A missing file in it is an
 * error.
 */
int plan_load_kernel(struct plan *p, struct werr **err);
void plan_free(struct plan *p);
DEFINE_CLEANUP(struct plan *, plan_free, plan)

/* The image of a reference in the configuration. NULL in a finished plan: no part needs it. */
const struct image *plan_image(const struct plan *p, const char *reference);

#endif
