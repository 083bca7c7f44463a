/* SPDX-License-Identifier: Apache-2.0 */
/* What the writers of archives share. */
#ifndef WHERRY_ARCHIVE_ARCHIVE_IMPL_H
#define WHERRY_ARCHIVE_ARCHIVE_IMPL_H

#include "archive/archive.h"

/* A name to be added later. */
struct link_waiting {
	struct link_waiting *next;
	struct tree_node *node;
	char path[];
};

/* Files with several names, by file_id. {0} is the empty map. */
struct link_slot {
	uint64_t id; /* 0: an empty slot */
	uint64_t value;
	uint32_t names;                  /* seen so far, or still to come */
	char *path;                      /* owned */
	const struct tree_node *primary; /* the name that isn't a hard link */
	struct link_waiting *waiting;    /* names that come before it; owned */
};
struct link_map {
	struct link_slot *slots;
	size_t n, cap;
};
/* The slot of an id (not 0), zeroed when it is new. Valid until the next call. */
struct link_slot *link_map_at(struct link_map *m, uint64_t id);
void link_map_clear(struct link_map *m);
static inline void link_map_cleanup(struct link_map *m)
{
	link_map_clear(m);
}

/*
 * Write the member's bytes; WERR_CORRUPT when they are not `size`. chunk: a buffer of IO_CHUNK
 * bytes.
 */
int member_write(struct writer *to, const struct archive_member *e, struct reader *content,
	char *chunk, struct werr **err);

#endif
