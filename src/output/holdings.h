/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a build would have in it, part by part, without writing outputs. What each part has is kept
 * in the store like its pieces, so a part that has not changed is not read again.
 */
#ifndef WHERRY_OUTPUT_HOLDINGS_H
#define WHERRY_OUTPUT_HOLDINGS_H

#include "archive/roll.h"
#include "output/build.h"
#include "output/pieces.h"
#include "plan/plan.h"

struct holdings_part {
	const char *name; /* "root", "services/nginx" */
	size_t files;     /* names, but for directories */
	uint64_t size;    /* bytes of its files; of several names of a file once */
	uint64_t packed;  /* in the initrd, as the store has it from a build; 0: it has not */
	bool kept;        /* it was known from before */
	bool hashed;      /* the hashes of its files are known */
	/* Parts with the same one have the same in them, in all YAML files; "": it has none. */
	struct digest key;
};

struct holdings_file {
	char sha256[SHA256_HEX + 1]; /* "": not known yet, see holdings_hash */
	char *source;                /* the image that it is from; or NULL */
};

struct holdings {
	struct plan *plan;
	/* All files, with sizes and no contents; a node's origin is the index of its part. */
	struct tree *tree;
	struct holdings_part *parts;
	size_t n;
	struct holdings_file *files; /* of the files of the tree, by their ids */
	size_t n_files, cap_files;
	unsigned threads;                /* as the options had them */
	const struct progress *progress; /* the same */
};

/*
 * Of o, what says what is in the OS counts: images, compression, SBOM, os-release. c and the store
 * must outlive the holdings.
 */
int holdings_make(const struct config *c, const struct build_options *o, struct holdings *ret,
	struct werr **err);
void holdings_cleanup(struct holdings *i);
/* Visit what a build left of a part under this key. An error: it is not kept any more. */
int holdings_visit_kept(struct store *s, const struct digest *key, roll_visit *visit, void *ctx);
/* Have the hashes of the files of these parts. */
int holdings_hash(struct holdings *i, const bool *parts, struct werr **err);
/* NULL: it is no regular file, or an empty name of the tree's own. */
const struct holdings_file *holdings_find(const struct holdings *i, const struct tree_node *n);
/* The part that a node is from, with its contents; *ret is owned by the caller. */
int holdings_load_part(
	const struct holdings *i, const struct tree_node *n, struct tree **ret, struct werr **err);

#endif
