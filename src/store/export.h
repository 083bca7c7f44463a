/* SPDX-License-Identifier: Apache-2.0 */
/* The target of an export: files, one after another, in a tar or a directory. */
#ifndef WHERRY_STORE_EXPORT_H
#define WHERRY_STORE_EXPORT_H

#include "store/store.h"

struct export_sink {
	/* path is relative, without ".."; content must have size bytes. */
	int (*add)(struct export_sink *sink, const char *path, uint64_t size,
		struct reader *content, struct werr **err);
};

/* Add a file with this text. */
int export_text(struct export_sink *to, const char *path, const char *text, struct werr **err);
/* Add the files that make a target an OCI layout: image-layout.md. */
int export_layout(struct export_sink *to, const struct manifest *index, struct werr **err);
/* Write n images to a target. */
int export_to(struct store *s, const struct reference *refs, size_t n,
	const struct export_options *o, struct export_sink *to, struct werr **err);

/*
 * Regular files owned by root, with the time 0. `to` is neither owned nor finished; nothing has to
 * be released.
 */
struct export_tar {
	struct export_sink sink;
	struct writer *to;
};
void export_tar_init(struct export_tar *t, struct writer *to);
/* A file whose bytes the caller writes to `to` in between: exactly so many. */
int export_tar_begin_file(struct export_tar *t, const char *path, uint64_t size, struct werr **err);
int export_tar_end_file(struct export_tar *t, uint64_t size, struct werr **err);
/* Write the end of the archive. */
int export_tar_end(struct export_tar *t, struct werr **err);

#endif
