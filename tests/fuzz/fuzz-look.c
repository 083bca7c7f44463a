/* SPDX-License-Identifier: Apache-2.0 */
/* Any file that might be an output: what it consists of, and the files of the OS in it. */
#include <stdint.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "look/look-impl.h"

enum { CONTENT_MAX = 1 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_file(const struct tree_node *n)
{
	return S_ISREG(n->meta.mode) && n->file;
}

/* A tree_visit. */
static int want(
	struct tree_node *n, ATTR_UNUSED const char *path, void *ctx, ATTR_UNUSED struct werr **err)
{
	if (is_file(n))
		look_want(ctx, n);
	return 0;
}

struct comparison {
	const struct look *look;
	const struct tree *files;
};

/* A tree_visit: the hash of a file that was read alone is that of what is read with all others. */
static int compare(struct tree_node *n, const char *path, void *ctx, ATTR_UNUSED struct werr **err)
{
	const struct comparison *c = ctx;
	const char *hash = is_file(n) ? look_hash(c->look, n) : NULL;
	const struct tree_node *other = hash ? tree_find(c->files, path) : NULL;
	CLEANUP(reader) struct reader *from = NULL;
	CLEANUP(free) char *bytes = NULL;
	char wanted[SHA256_HEX + 1];
	size_t size;

	if (!hash)
		return 0;
	if (!other || !is_file(other))
		abort();
	from = tree_open_file(c->files, other);
	if (reader_read_all(from, CONTENT_MAX, &bytes, &size, NULL) < 0)
		return 0;
	sha256_of(bytes, size, wanted);
	if (!str_eq(hash, wanted))
		abort();
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(look) struct look *l = mem_new(struct look);
	CLEANUP(tree) struct tree *names = NULL;
	CLEANUP(tree) struct tree *files = NULL;
	const struct look_name name = {"it", NULL, 0};

	if (look_add(l, &name, NULL, bytes_of_memory(data, size), NULL) < 0)
		return 0;
	for (size_t i = 0; i < look_count(l); i++)
		if (!look_item(l, i)->kind || look_item(l, i)->depth > LOOK_DEPTH_MAX)
			abort();
	/* With contents it reads more: that can fail where names alone do not, never the other way.
	 */
	look_load(l, "/tmp", &files, NULL);
	if (look_load(l, NULL, &names, NULL) < 0 && files)
		abort();
	if (names && files) {
		tree_walk(names, want, l, NULL);
		if (look_hash_wanted(l, NULL) == 0)
			tree_walk(names, compare, &(struct comparison){l, files}, NULL);
	}
	look_find_archives(l, NULL);
	return 0;
}
