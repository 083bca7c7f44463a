/* SPDX-License-Identifier: Apache-2.0 */
/* What packing parts, reading them, and the formats share. */
#ifndef WHERRY_FS_FS_IMPL_H
#define WHERRY_FS_FS_IMPL_H

#include <pthread.h>

#include "base/buf.h"
#include "fs/packed.h"
#include "hash/sha256.h"

enum {
	FS_BLOCK = 4096,       /* an image can be a disk with sectors of that size */
	FS_SEGMENT_UNITS = 40, /* at most so many for one segment */
	FS_NONE = 0xffffffff
};

/* ---- packed parts ---- */

/*
 * A file's bytes: units, which a format makes of segments, end to end; then its tail, unless that
 * is in a block with the tails of other files. A unit is what the format wants to know of it.
 */
struct fs_file {
	uint64_t size;
	uint64_t at;                       /* in the packed part */
	uint64_t stored;                   /* bytes there, without the tail */
	unsigned char digest[SHA256_SIZE]; /* of its bytes, taken segment by segment */
	uint32_t first_unit, n_units;
	uint32_t tail_size;         /* bytes of the end that no unit has */
	uint32_t shared, shared_at; /* the block with the tail, and where; or FS_NONE */
	uint32_t same; /* the first file of the part with the same bytes: maybe itself */
};

/* A block with the tails of files. */
struct fs_shared {
	uint64_t at;
	uint32_t stored;
	uint32_t unit;
};

/* What is known of a packed part's bytes. */
struct fs_packed {
	struct fs_file *files;
	size_t n_files, cap_files;
	uint32_t *units;
	size_t n_units, cap_units;
	struct fs_shared *shared;
	size_t n_shared, cap_shared;
	struct buf segments; /* while packing: see index-segments.c */
};
void fs_packed_cleanup(struct fs_packed *p);

/* A file of a content, however many names it has. */
struct fs_named {
	const struct tree_node *first; /* name */
	bool in_files;                 /* the tree that has it */
	uint64_t id;
	size_t order;
	uint32_t number; /* of a regular file, in the order of packing; else FS_NONE */
	char *emitted;   /* where the index has it; NULL: not yet */
};
struct fs_names {
	struct fs_named *items; /* sorted by tree and id */
	size_t n, cap;
	struct fs_named **ordered; /* regular files by their number */
	size_t n_regular;
};
void fs_names_cleanup(struct fs_names *n);
/* All files of a content but those that are left out. */
int fs_names_list(const struct packed_content *c, struct fs_names *ret, struct werr **err);
struct fs_named *fs_names_find(
	const struct fs_names *names, bool in_files, const struct tree_node *n);
/* Is it left out? */
bool packed_content_skips(const struct packed_content *c, const struct tree *t, const char *path);

/* What comes behind the bytes of the files. */
int fs_index_write(const struct packed_content *c, struct fs_names *names,
	const struct fs_packed *p, struct writer *to, struct werr **err);
/* Read it. part: the upper half of the files' numbers. */
int fs_index_read(const struct io_range *packed, const char *spool_dir, uint32_t part,
	struct packed_content *content, struct fs_packed *p, struct werr **err);

/* ---- compressing ---- */

/* Input of the compressor: all or some of a file's bytes, or the tails of several. */
struct fs_segment {
	enum { FS_DATA, FS_TAIL, FS_SHARED } kind; /* a tail is only looked at */
	uint32_t file;
	bool is_first, is_last; /* of its file */
	unsigned char *in;
	uint32_t size;
	unsigned char *out; /* room for size bytes, rounded up to FS_BLOCK */
	uint32_t stored;    /* bytes there */
	uint32_t tail_size; /* of the last segment: bytes at its end that have no unit */
	uint32_t units[FS_SEGMENT_UNITS], n_units;
	bool is_zero;
	unsigned char digest[SHA256_SIZE];
};

/* Is copying its result quicker than compressing it? */
bool fs_segment_is_large(const struct fs_segment *s);
/* Earlier results, by the digest of the input and the format. */
bool packed_memo_find(struct packed_memo *m, const struct packed_format *f, struct fs_segment *s);
/* fd: from packed_memo_file; its bytes from `at` on are those of the segment. */
void packed_memo_add(struct packed_memo *m, const struct packed_format *f,
	const struct fs_segment *s, int fd, uint64_t at);
/* A descriptor of a part's file that lives as long as the memo; -1: there is none. */
int packed_memo_file(struct packed_memo *m, int fd);

/* Those of the parts that are packed with a memo. */
struct fs_compressors;
struct fs_compressors *packed_memo_compressors(const struct packed_memo *m);
struct fs_compressors *fs_compressors_new(unsigned threads); /* 0: as many as processors */
void fs_compressors_free(struct fs_compressors *c);
/* To be called around the packing of a part; waits while there are enough of them. */
void fs_compressors_begin_part(struct fs_compressors *c);
void fs_compressors_end_part(struct fs_compressors *c);
/* One for one thread: waits for it if all are in use. NULL: out of memory. */
void *fs_compressors_take(struct fs_compressors *c, const struct packed_format *f);
void fs_compressors_leave(struct fs_compressors *c, const struct packed_format *f, void *state);

/* ---- images ---- */

/* A file of the image. */
struct fs_stored {
	const struct fs_file *file;
	const struct fs_packed *packed; /* of its part */
	struct io_range piece;          /* the packed part */
	uint32_t part;
	uint64_t at;     /* in the image, in the format's unit; for the format to set */
	bool needs_tail; /* the same */
};

/* What the names of one file of the tree share. */
struct fs_slot {
	uint64_t id;
	uint32_t stored; /* index; FS_NONE: not a regular file */
	/* The rest is the format's. */
	uint64_t place;
	uint32_t number;
	bool written;
};

struct fs_part {
	struct io_range piece;
	struct fs_packed packed;
	uint32_t *shared; /* for the format: of each shared block */
};

struct packed_image {
	const struct packed_format *format;
	struct tree *tree;
	char *spool_dir;
	uint32_t time;
	struct fs_part *parts;
	size_t n_parts, cap_parts;
	/* While it is laid out. */
	struct fs_slot *slots; /* sorted by id */
	size_t n_slots, cap_slots;
	struct fs_stored *stored; /* each content once, in the order of the parts */
	size_t n_stored;
};
struct fs_slot *packed_image_slot(const struct packed_image *i, const struct tree_node *n);

/* Puts one thing behind the other; what lies side by side anyway becomes one extent. */
struct fs_placer {
	struct extents *to;
	uint64_t at;
	struct extent last; /* not put yet */
};
int fs_place_range(struct fs_placer *p, const struct io_range *range, struct werr **err);
int fs_place_bytes(struct fs_placer *p, const void *bytes, size_t size, struct werr **err);
/* Go on there, which is not before `at`. */
int fs_place_at(struct fs_placer *p, uint64_t at, struct werr **err);
/* Put what is left, and make the size a multiple of FS_BLOCK. */
int fs_place_end(struct fs_placer *p, struct werr **err);

struct packed_format {
	const char *name;
	bool (*holds_xattr)(const char *name);
	uint32_t segment;  /* bytes, at most */
	bool shares_tails; /* the rest of a file behind whole segments is put with other files' */
	/* A compressor, for one thread; NULL on failure. */
	void *(*open)(void);
	void (*close)(void *state);
	/* Set out, stored, tail_size and units. */
	int (*compress)(void *state, struct fs_segment *s, struct werr **err);
	/* Are the units and the tail of a file, whose places are in the part, such as to make it
	 * up? */
	bool (*is_sound)(const struct fs_file *f, const uint32_t *units);
	int (*lay_out)(struct packed_image *i, struct extents *ret, struct werr **err);
};

#endif
