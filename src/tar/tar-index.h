/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An index of the tar of an earlier build: which entries came from which image, according to
 * LinuxKit's PAX records (POSIX.1-2001, "pax Header Block"). The entries themselves are read by
 * tree/.
 */
#ifndef WHERRY_TAR_TAR_INDEX_H
#define WHERRY_TAR_TAR_INDEX_H

#include "base/io.h"

enum { TAR_UNITS_MAX = 16384, TAR_RECORDS_MAX = 8 << 20 };

/* All entries with the same records. */
struct tar_unit {
	char *source, *location; /* "docker.io/library/redis:latest", "services[2]" */
	struct io_range *ranges; /* whole entries, with their headers */
	size_t n, cap;
};

struct tar_index {
	int fd;
	struct tar_unit *units;
	size_t n, cap;
	struct io_range wanted; /* the contents of the requested file */
	bool has_wanted;
};

/*
 * Read the headers of the tar in fd (taken over, even when this fails), a regular file. wanted: the
 * path of a file in it, whose first occurrence is located. name is for errors. WERR_INVALID: not a
 * regular file. WERR_CORRUPT: not a tar, or compressed, or broken. WERR_UNSUPPORTED: it has sparse
 * files in GNU's old format. WERR_LIMIT: more than the limits above.
 */
int tar_index_read(
	int fd, const char *name, const char *wanted, struct tar_index **ret, struct werr **err);
void tar_index_free(struct tar_index *t);
DEFINE_CLEANUP(struct tar_index *, tar_index_free, tar_index)

/* Read a unit's entries as a tar; NULL when there are none. The index must outlive the reader. */
struct reader *tar_index_open(const struct tar_index *t, const char *source, const char *location);
bool tar_index_has(const struct tar_index *t, const char *source, const char *location);

#endif
