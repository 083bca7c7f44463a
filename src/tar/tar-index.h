/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where in the tar of an earlier build the entries are that came from an image: by LinuxKit's PAX
 * records (POSIX.1-2001, "pax Header Block"). The entries themselves are read by tree/, which knows
 * what tars may hold.
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
	struct io_range wanted; /* the bytes of the file that was asked for */
	bool has_wanted;
};

/*
 * Read the headers of the tar in fd (taken over, also after an error), a regular file. wanted: the
 * path of a file in it whose place is told; the first one counts. name is for errors. WERR_CORRUPT:
 * it is no tar, or compressed, or broken.
 */
int tar_index_read(
	int fd, const char *name, const char *wanted, struct tar_index **ret, struct werr **err);
void tar_index_free(struct tar_index *t);
DEFINE_CLEANUP(struct tar_index *, tar_index_free, tar_index)

/* A unit's entries as a tar; NULL when there are none. The index must outlive the reader. */
struct reader *tar_index_open(const struct tar_index *t, const char *source, const char *location);
bool tar_index_has(const struct tar_index *t, const char *source, const char *location);

#endif
