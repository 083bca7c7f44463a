/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/whole.h"

#include "base/cancel.h"
#include "base/mem.h"
#include "tree/graft.h"

int plan_merge_content(struct tree *to, const struct part_content *c, struct werr **err)
{
	int r = 0;

	if (c->with_root)
		r = tree_merge(to, "", &c->tree->root->meta, NULL, NULL, NULL, NULL, err);
	if (r == 0)
		r = tree_graft(to, "", c->tree, err);
	if (r < 0 || !c->files || !c->prefix)
		return r;
	r = tree_merge(to, c->prefix, &c->files->root->meta, NULL, NULL, NULL, NULL, err);
	return r < 0 ? r : tree_graft(to, c->prefix, c->files, err);
}

static int merge_part(
	const struct plan *p, const struct part *part, struct part_content *to, struct werr **err)
{
	CLEANUP(part_content) struct part_content c = {.meter = to->meter};
	int r = cancel_check(err);

	if (r == 0)
		r = part_load(p, part, &c, err);
	to->is_partial |= c.is_partial;
	return r < 0 ? r : plan_merge_content(to->tree, &c, err);
}

void plan_empty_boot(struct tree *t)
{
	struct tree_node *boot = tree_find(t, "boot");

	while (boot && boot->n > 0)
		tree_remove(t, boot->children[boot->n - 1]);
}

int plan_load_whole(const struct plan *p, struct part_content *ret, struct werr **err)
{
	int r = tree_new(&ret->tree, store_spool_dir(p->store), err);

	ret->compression = p->options.compression;
	for (size_t i = 0; r == 0 && i < p->n; i++)
		r = merge_part(p, &p->parts[i], ret, err);
	if (r < 0) {
		part_content_cleanup(ret);
		return r;
	}
	plan_empty_boot(ret->tree);
	return 0;
}
