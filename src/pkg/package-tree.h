/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files of several Debian packages in one tree, and the package of each file. The layout is
 * that of a merged /usr, whatever the packages have: lib/x is usr/lib/x, and lib is a symlink; the
 * same for bin, sbin and the like.
 */
#ifndef WHERRY_PKG_PACKAGE_TREE_H
#define WHERRY_PKG_PACKAGE_TREE_H

#include "pkg/deb.h"

enum { PACKAGES_MAX = 4096 };

struct package {
	struct deb_info info;
	bool used; /* some file of it was kept */
};

struct owner {
	char *path;
	size_t package;
};

struct package_tree {
	struct tree *tree;
	struct package *packages;
	size_t n, cap;
	struct owner *owners; /* sorted by path once sealed */
	size_t n_owners, cap_owners;
	char *spool_dir;
	bool lean; /* set before packages are added: leave out documentation */
};

/* spool_dir: where the unnamed files for the bytes are made. */
int package_tree_new(struct package_tree **ret, const char *spool_dir, struct werr **err);
void package_tree_free(struct package_tree *t);
DEFINE_CLEANUP(struct package_tree *, package_tree_free, package_tree)

/* Add the package in a .deb file; it replaces files of earlier ones at the same paths. */
int package_tree_add_deb(struct package_tree *t, const char *path, struct werr **err);
/* The same for a package that was read already; info is taken over, files is not changed. */
int package_tree_add(
	struct package_tree *t, struct deb_info *info, const struct tree *files, struct werr **err);
/* To be called after the last package: adds the owners and the symlinks for merged directories. */
int package_tree_seal(struct package_tree *t, struct werr **err);

/* The package that the file at path (as of tree_path) is from, or NULL. */
struct package *package_tree_owner(struct package_tree *t, const char *path);

/* "lib/x" becomes "usr/lib/x"; owned by the caller. */
char *merged_path(const char *path);
/* The merged directories: "bin", "lib"...; NULL ends the list. */
extern const char *const merged_directories[];

#endif
