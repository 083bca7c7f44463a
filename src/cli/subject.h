/* SPDX-License-Identifier: Apache-2.0 */
/* What verbs look into: the output of a build, or an image in the cache. */
#ifndef WHERRY_CLI_SUBJECT_H
#define WHERRY_CLI_SUBJECT_H

#include "cli/context.h"
#include "cli/image-choice.h"
#include "look/look.h"
#include "store/store.h"

struct subject {
	char *label;         /* for messages: "image nginx", "os-initrd.img" */
	struct store *store; /* of the image */
	struct image *image; /* or NULL */
	struct look *look;   /* or NULL */
	struct tree *tree;   /* once it was asked for */
	char *temporary;     /* a directory that goes with it; or NULL */
};

/*
 * Find what an operand means: a file or directory of that name that is an output; else an image in
 * the cache; else outputs whose names begin so, as for `run`. An archive of images is imported into
 * a store of its own; of an artifact (`build --format oci`) it is the OS in it.
 */
int subject_open(const struct context *ctx, const struct choice_options *choice,
	const char *operand, struct subject *ret, struct werr **err);
/* Its files, as subject.tree; without contents they have sizes only. */
int subject_load(struct subject *s, bool with_contents, struct werr **err);
void subject_cleanup(struct subject *s);

#endif
