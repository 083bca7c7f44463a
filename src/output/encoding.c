/* SPDX-License-Identifier: Apache-2.0 */
#include "output/encoding.h"

static int add_size(
	struct tree_node *n, ATTR_UNUSED const char *path, void *ctx, ATTR_UNUSED struct werr **err)
{
	uint64_t *size = ctx;

	if (S_ISREG(n->meta.mode))
		*size += n->file->size / n->file->links;
	return 0;
}

/* About as many bytes as an archive of it has. */
static uint64_t content_size(const struct part_content *c)
{
	uint64_t size = 0;

	(void)tree_walk(c->tree, add_size, &size, NULL);
	if (c->files)
		(void)tree_walk(c->files, add_size, &size, NULL);
	return size;
}

bool encoding_is_in_outputs(const struct encoding *e)
{
	return !e->is_note && !e->is_warning;
}

int encoding_run(const struct encoding *e, const struct part_content *c, struct writer *to,
	struct werr **err)
{
	if (c->meter)
		meter_start(c->meter, content_size(c));
	return e->encode(e, c, to, err);
}
