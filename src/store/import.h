/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the import share. All blobs are written first; then all names are set in one
 * step. */
#ifndef WHERRY_STORE_IMPORT_H
#define WHERRY_STORE_IMPORT_H

#include "store/walk.h"

struct import {
	struct store *store;
	const char *path; /* as the user named it, or "stdin" */
	const char *name; /* for an image without a name, or NULL */
	const struct progress *progress;
	struct reader *from;          /* what is read, if it is a stream; taken over */
	uint64_t total;               /* bytes to read; 0: not known */
	struct store_entries entries; /* what will be named */
};

/* ---- import-names.c ---- */

/* Record an image to be named: the file gives a name, only a tag, or neither (NULL). */
int import_add(struct import *im, const char *name, const char *tag, const struct descriptor *d,
	struct werr **err);
/* Join images of one name for several platforms to an index. */
int import_join(struct import *im, struct werr **err);

/* ---- import.c ---- */

/*
 * A blob from the archive, which must have d's size and digest. A possible manifest waits until
 * what it names is there: see store_put_later.
 */
int import_blob(
	struct import *im, const struct descriptor *d, struct reader *from, struct werr **err);

/* ---- import-layout.c ---- */

/* All images of an index.json. visit brings blobs into the store, see struct walk. */
int import_index(struct import *im, const char *text, size_t size,
	int (*visit)(struct walk *w, const struct descriptor *d, struct werr **err), void *ctx,
	struct werr **err);
/* An OCI layout in a directory. */
int import_dir(struct import *im, struct werr **err);

/* ---- import-tar.c ---- */

/* Takes over from; seek_fd as with untar_open. */
int import_tar(struct import *im, struct reader *from, int seek_fd, struct werr **err);

/* ---- import-docker.c: manifest.json of docker save ---- */

/* A file or link of the archive that may belong to an image; files are in the store already. */
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
