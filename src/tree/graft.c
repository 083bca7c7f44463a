/* SPDX-License-Identifier: Apache-2.0 */
#include "tree/graft.h"

#include <stdlib.h>

#include "base/mem.h"
#include "tree/tree-impl.h"

struct graft {
	struct tree *to;
	const struct tree *from;
	struct tree_node **first; /* by a shared file's id: the name in `to` that has its bytes */
	bool links;               /* the names that are hard links come behind all others */
};

static int graft_node(struct tree_node *n, const char *path, void *ctx, struct werr **err)
{
	struct graft *g = ctx;
	struct tree_node **first = n->file && n->file->links > 1 ? &g->first[n->file->id] : NULL;
	CLEANUP(reader) struct reader *content = NULL;
	struct tree_node *made = NULL;
	int r;

	if (!n->parent || (n->link != NULL) != g->links)
		return 0;
	if (first && *first) {
		r = tree_link(g->to, path, *first, err);
		if (r == 0 && n->link)
			node_set_link(g->to, tree_find(g->to, path), n->link);
		return r;
	}
	if (S_ISREG(n->meta.mode))
		content = tree_open_file(g->from, n);
	r = tree_put(g->to, path, &n->meta, n->target, content, NULL, &made, err);
	if (r == 0 && first)
		*first = made;
	return r;
}

int tree_graft(struct tree *to, const struct tree *from, struct werr **err)
{
	struct graft g = {.to = to, .from = from};
	CLEANUP(free)
	struct tree_node **first = mem_new_array(struct tree_node *, from->last_id + 1);

	int r;

	g.first = first;
	r = tree_walk(from, graft_node, &g, err);
	g.links = true;
	return r < 0 ? r : tree_walk(from, graft_node, &g, err);
}
