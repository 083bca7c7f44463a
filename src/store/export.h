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
/* Write the end of the archive. */
int export_tar_end(struct export_tar *t, struct werr **err);

#endif
