/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shared by the files of the import. All blobs are written first; then all names are set at once.
 */
#ifndef WHERRY_STORE_IMPORT_H
#define WHERRY_STORE_IMPORT_H

#include "store/walk.h"

struct import {
	struct store *store;
	const char *path;           /* as named by the user; "stdin" */
	const char *name;           /* for the one image, or those without a name; or NULL */
	struct descriptor *unnamed; /* not NULL: the one image is not named, but put here */
	const struct progress *progress;
	struct reader *from;          /* the input, when it is a stream; owned */
	uint64_t total;               /* bytes to read; 0: not known */
	struct store_entries entries; /* names to set */
	/* With `name`: the names that the images come with, and how many have none. */
	struct store_entries own;
	size_t n_nameless;
};

/* ---- import-names.c ---- */

/* Record an image to be named; from the file it has a name, or only a tag, or neither (NULL). */
int import_add(struct import *im, const char *name, const char *tag, const struct descriptor *d,
	struct werr **err);
/* Combine images of one name for several platforms into an index. */
int import_join(struct import *im, struct werr **err);

/* ---- import.c ---- */

/*
 * Store a blob from the archive, which must have d's size and digest. What may be a manifest waits
 * until everything that it names is present: see store_put_later.
 */
int import_blob(
	struct import *im, const struct descriptor *d, struct reader *from, struct werr **err);

/* ---- import-layout.c ---- */

/* Import all images of an index.json. visit brings blobs into the store, see struct walk. */
int import_index(struct import *im, const char *text, size_t size,
	int (*visit)(struct walk *w, const struct descriptor *d, struct werr **err), void *ctx,
	struct werr **err);
/* Import an OCI layout from a directory. */
int import_dir(struct import *im, struct werr **err);

/* ---- import-tar.c ---- */

/* Import an archive; takes ownership of `from`; seek_fd as in untar_open. */
int import_tar(struct import *im, struct reader *from, int seek_fd, struct werr **err);

/* ---- import-docker.c: manifest.json of docker save ---- */

/* A file or link of the archive that an image may use; files are already in the store. */
struct saved_file {
	char *path, *target; /* target: of a link */
	struct digest digest;
	uint64_t size;
};
struct saved_files {
	struct saved_file *items;
	size_t n, cap;
};
int import_docker(struct import *im, const struct saved_files *files, const char *text, size_t size,
	struct werr **err);

#endif
