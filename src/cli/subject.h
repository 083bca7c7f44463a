/* SPDX-License-Identifier: Apache-2.0 */
/* What verbs look into: an output of a build, what a build would make, or an image in the cache. */
#ifndef WHERRY_CLI_SUBJECT_H
#define WHERRY_CLI_SUBJECT_H

#include "cli/context.h"
#include "cli/image-choice.h"
#include "cli/input.h"
#include "look/look.h"
#include "output/holdings.h"
#include "store/store.h"

struct subject_options {
	struct choice_options choice;
	struct input_options input; /* its arch is the choice's, too */
};
/* The groups of a struct that has a struct subject_options as `member_`. */
#define SUBJECT_OPTIONS(struct_, member_)                                            \
	{input_options, offsetof(struct_, member_.input)},                           \
		{component_path_options, offsetof(struct_, member_.input.packages)}, \
	{                                                                            \
		choice_platform_options, offsetof(struct_, member_.choice)           \
	}

struct subject {
	char *label;           /* for messages: "image nginx", "os-initrd.img" */
	struct store *store;   /* of the image, or that knows what is in the output; or NULL */
	struct image *image;   /* or NULL */
	struct look *look;     /* or NULL */
	struct config *config; /* of YAML; or NULL */
	struct lockfile *lock; /* of that */
	struct holdings holdings;
	struct tree *tree; /* once it was asked for; of YAML it is the holdings's */
	char *temporary;   /* a directory that goes with it; or NULL */
};

/*
 * Find what an operand means: a YAML file; a file or directory of that name that is an output; else
 * an image in the cache; else outputs whose names begin so, as for `run`. An archive of images is
 * imported into a store of its own; of an artifact (`build --format oci`) it is the OS in it.
 */
int subject_open(const struct context *ctx, const struct subject_options *o, const char *operand,
	struct subject *ret, struct werr **err);
/*
 * Its files, as subject.tree; without contents they have sizes only. Of YAML they never have any:
 * subject_read.
 */
int subject_load(struct subject *s, bool with_contents, struct werr **err);
/* Once it was opened: can its files have extended attributes? Of most outputs they are not read. */
bool subject_has_xattrs(const struct subject *s);
/* Write a file of it. */
int subject_read(
	const struct subject *s, const struct tree_node *n, struct writer *to, struct werr **err);
/*
 * The SHA-256 of a regular file; of YAML that of its part must be known (holdings_hash), and of an
 * output that was loaded without contents its own (look_hash_wanted).
 */
int subject_hash(const struct subject *s, const struct tree_node *n,
	char ret[static SHA256_HEX + 1], struct werr **err);
void subject_cleanup(struct subject *s);

#endif
