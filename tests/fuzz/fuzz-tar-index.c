/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arbitrary bytes as the tar of an earlier build: the ranges found are inside it, and are a tar
 * again.
 */
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/mem.h"
#include "tar/tar-index.h"
#include "tree/tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(tar_index) struct tar_index *index = NULL;
	CLEANUP(werr) struct werr *err = NULL;
	int fd = memfd_create("tar", MFD_CLOEXEC);

	if (fd < 0 || fd_write_all(fd, data, size) < 0)
		abort();
	if (tar_index_read(fd, "tar", "etc/lk.yml", &index, &err) < 0)
		return 0;
	if (index->has_wanted && index->wanted.size > size - index->wanted.offset)
		abort();
	for (size_t i = 0; i < index->n; i++) {
		const struct tar_unit *u = &index->units[i];
		CLEANUP(reader)
		struct reader *entries = tar_index_open(index, u->source, u->location);
		CLEANUP(tree) struct tree *t = NULL;

		for (size_t j = 0; j < u->n; j++)
			if (u->ranges[j].offset > size ||
				u->ranges[j].size > size - u->ranges[j].offset)
				abort();
		if (tree_new(&t, "/tmp", NULL) < 0)
			abort();
		(void)tree_apply_layer(t, entries, "unit", NULL);
	}
	return 0;
}
