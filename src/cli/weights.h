/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What weighs how much in an OS or an image: its components, the packages of distributions in them,
 * and its tree of directories and files.
 */
#ifndef WHERRY_CLI_WEIGHTS_H
#define WHERRY_CLI_WEIGHTS_H

#include "cli/subject.h"

struct weight {
	uint64_t files;  /* names, but for directories */
	uint64_t size;   /* bytes of files; of several names of one, once */
	double packed;   /* bytes of them, when they are compressed */
	uint64_t before; /* `size` in the build that this one is compared with */
};

/* A part of YAML, or what an image has brought to it; a directory of an output; an image's layer.
 */
struct weights_component {
	char *name;
	char *image;  /* or NULL */
	char *prefix; /* where its files are; "": anywhere */
	struct weight weight;
	bool is_measured; /* `packed` was not estimated; 0: it is not known */
	bool is_same;     /* as it was before */
};

struct weights_package {
	char *name, *version;
	const char
		*kind; /* "deb", "apk"; "built": all packages that an image was built of; "none" */
	const char *image; /* or NULL */
	struct weight weight;
};

struct weights_node {
	const char *name;
	struct weight weight;
	size_t component;
	size_t package; /* of a file, SIZE_MAX: none */
	bool is_dir;
	struct weights_node **children; /* the largest first */
	size_t n, cap;
	struct weights_node *parent; /* NULL: the root */
};

struct weights {
	struct weights_component *components;
	size_t n, cap;
	struct weights_package *packages;
	size_t n_packages, cap_packages;
	struct weights_node *root;
	int64_t since; /* seconds since 1970, of the build that it is compared with; 0: none */
	struct tree *before; /* what that had; or NULL */
	size_t *order;       /* of components that have any bytes, the largest first */
	size_t n_order;
	size_t *package_order;
};

/* Weigh a subject that was opened; it must live longer. */
int weights_find(struct subject *s, const char *operand, const char *arch, struct weights *ret,
	struct werr **err);
void weights_cleanup(struct weights *w);

/* Its path in the OS, owned by the caller. */
char *weights_path(const struct weights_node *n);
/*
 * The largest directories (or files), at most `limit`, at most so deep in their components. A
 * directory that has next to nothing but another one is left out. Owned by the caller.
 */
const struct weights_node **weights_largest(
	const struct weights *w, bool dirs, size_t depth, size_t limit, size_t *ret_n);

/* weights-group.c: which component a node is of. */
void weights_group_init(struct weights *w, const struct subject *s);
size_t weights_group(
	struct weights *w, const struct subject *s, const struct tree_node *n, const char *path);
void weights_group_finish(struct weights *w, const struct subject *s);

/* weights-owner.c: which package a file is of. */
struct weights_owners;
int weights_owners_new(const struct subject *s, struct weights_owners **ret, struct werr **err);
void weights_owners_free(struct weights_owners *o);
DEFINE_CLEANUP(struct weights_owners *, weights_owners_free, weights_owners)
size_t weights_owner(struct weights *w, struct weights_owners *o, const struct subject *s,
	const struct weights_node *n, const struct tree_node *from, const char *path);

#endif
