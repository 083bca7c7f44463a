/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the bytes of an OS's files are in an output, so that the contents of a few can be read
 * without those of all others, and what two outputs have in common is not read at all.
 */
#ifndef WHERRY_LOOK_PLACES_H
#define WHERRY_LOOK_PLACES_H

#include "base/bytes.h"
#include "hash/sha256.h"
#include "oci/digest.h"
#include "tree/tree.h"

struct look_source {
	struct bytes *bytes; /* not owned */
	uint64_t at, size;
	bool is_archive;  /* else it is the bytes of one file */
	bool is_wanted;   /* the hash of one of its files is */
	struct digest id; /* those with the same one have the same bytes; "": not known */
	uint64_t *files;  /* by the number of the entry: the tree_file that it has put, or 0 */
	uint32_t n;
	size_t cap;
};

/* Of a tree_file. */
struct look_place {
	uint32_t source; /* counts from 1; 0: not known */
	uint32_t entry;
	uint32_t hash; /* counts from 1; 0: it is not wanted */
};
struct look_hash {
	char sha256[SHA256_HEX + 1];
};

/* {0}: none. */
struct look_sources {
	struct look_source *items;
	size_t n, cap;
	struct look_place *places; /* by the tree_file's id */
	size_t n_places, cap_places;
	struct look_hash *hashes;
	size_t n_hashes, cap_hashes;
	size_t noted; /* entries of all sources: at most TREE_NODES_MAX */
};
void look_sources_clear(struct look_sources *s);
/* Begin a source, of which the next entries are; the last one is items[n - 1]. */
struct look_source *look_sources_add(
	struct look_sources *s, struct bytes *bytes, uint64_t at, uint64_t size, bool is_archive);
/* The next entry has put this tree_file; 0: none. */
void look_sources_note(struct look_sources *s, uint64_t file);

#endif
