/* SPDX-License-Identifier: Apache-2.0 */
/* Where an export goes: files, one after another, into a tar or a folder. */
#ifndef WHERRY_STORE_EXPORT_H
#define WHERRY_STORE_EXPORT_H

#include "base/io.h"

struct export_sink {
	/* path has folders before its name at most; content must have size bytes. */
	int (*add)(struct export_sink *sink, const char *path, uint64_t size,
		struct reader *content, struct werr **err);
};

/* Plain files of root's, with the time 0. `to` is not owned, nor finished; nothing is left to release. */
struct export_tar {
	struct export_sink sink;
	struct writer *to;
};
void export_tar_init(struct export_tar *t, struct writer *to);
/* The end of the archive. */
int export_tar_end(struct export_tar *t, struct werr **err);

/* Files below a folder that is there. */
struct export_folder {
	struct export_sink sink;
	const char *dir;
};
void export_folder_init(struct export_folder *f, const char *dir);

#endif
