/* SPDX-License-Identifier: Apache-2.0 */
/*
 * File systems: trees written as the image of a read-only disk. The parts of an OS are packed one
 * by one: a packed part has the compressed bytes of its files, and behind them what the part
 * consists of. An image is laid out from packed parts, whose bytes it refers to, so a part that has
 * not changed is neither unpacked nor compressed again.
 */
#ifndef WHERRY_FS_PACKED_H
#define WHERRY_FS_PACKED_H

#include "disk/extents.h"
#include "tree/tree.h"

/*
 * What the parts of a build share: what they have packed already, so that equal bytes are
 * compressed once, and compressors for so many threads (0: one for each processor).
 */
struct packed_memo;
struct packed_memo *packed_memo_new(unsigned threads);
void packed_memo_free(struct packed_memo *m);
DEFINE_CLEANUP(struct packed_memo *, packed_memo_free, packed_memo)

struct packed_format; /* see below */

/*
 * Take what an earlier build has packed as well: a part of f, whose file stays open as long as the
 * memo. WERR_CORRUPT: it is not a packed part.
 */
int packed_memo_add_part(struct packed_memo *m, const struct packed_format *f,
	const struct io_range *packed, struct werr **err);

struct packed_options {
	unsigned threads;     /* that compress; 0: one for each processor */
	struct writer *watch; /* NULL, or gets the bytes of all files as they are packed */
	struct packed_memo
		*memo; /* NULL, or shared by the parts; their result does not depend on it */
	int fd;        /* with memo: the file, from its start, that the part is written to */
};

/* What a part consists of. */
struct packed_content {
	struct tree *tree;
	struct tree *files;  /* NULL; or another, which belongs at prefix */
	const char *prefix;  /* or NULL */
	char *own_prefix;    /* owned; or NULL */
	const char *without; /* NULL; or what is below this path of `tree` is left out: "boot/" */
	bool with_root;      /* the root of `tree` describes the image's */
};

/*
 * Write a packed part. The bytes depend on the content and the version of the library only, not on
 * the number of threads. WERR_LIMIT: what no image can hold, with the path. `to` is neither owned
 * nor finished. Can be interrupted.
 */
int packed_write(const struct packed_format *f, const struct packed_content *c,
	const struct packed_options *o, struct writer *to, struct werr **err);

/* An image made of packed parts. */
struct packed_image;
/*
 * spool_dir: for a small unnamed file. time: of the file system itself, seconds since 1970. f must
 * be the format of all parts.
 */
int packed_image_new(const struct packed_format *f, const char *spool_dir, uint32_t time,
	struct packed_image **ret, struct werr **err);
void packed_image_free(struct packed_image *i);
DEFINE_CLEANUP(struct packed_image *, packed_image_free, packed_image)

/*
 * Add a packed part. *ret is what it consists of, to be merged into packed_image_tree() by whatever
 * rules apply, and then to be freed with packed_content_clear. Instead of its bytes, a file has a
 * number that the image knows it by. WERR_CORRUPT: it is not a packed part.
 */
int packed_image_add(struct packed_image *i, const struct io_range *packed,
	struct packed_content *ret, struct werr **err);
void packed_content_clear(struct packed_content *c);
static inline void packed_content_cleanup(struct packed_content *c)
{
	packed_content_clear(c);
}
struct tree *packed_image_tree(const struct packed_image *i);

/*
 * Lay out the image: extents of the packed parts, and memory that *ret, an empty one, owns. Equal
 * files are there once; what is not in the tree any more is left out. The size is a multiple of
 * 4096. What the format can't hold is WERR_UNSUPPORTED or WERR_LIMIT, with the path. The image may
 * be freed afterwards. Can be interrupted.
 */
int packed_image_lay_out(struct packed_image *i, struct extents *ret, struct werr **err);

/* By its name, "squashfs" or "erofs"; NULL: there is no such format. */
const struct packed_format *packed_format_find(const char *name);
/* Can it hold an extended attribute of this name? If not, it is left out. */
bool packed_holds_xattr(const struct packed_format *f, const char *name);

/*
 * Squashfs 4.0 (Linux, Documentation/filesystems/squashfs.rst), compressed by zstd in blocks of
 * 128 KiB. Zeros take no room. Times are whole seconds; one before 1970 or after 2106 becomes the
 * nearest that can be kept. Extended attributes are user.*, trusted.* and security.*.
 */
extern const struct packed_format packed_squashfs;
/*
 * EROFS (Linux, Documentation/filesystems/erofs.rst), compressed by lz4hc in clusters of up to
 * 64 KiB, which Linux 5.13 and later reads; its UUID comes from the content. Extended attributes
 * are user.*, trusted.*, security.* and POSIX ACLs.
 */
extern const struct packed_format packed_erofs;

#endif
