/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/weights.h"

#include <stdlib.h>
#include <string.h>

#include "base/cancel.h"
#include "base/mem.h"
#include "base/path.h"
#include "cli/last-build.h"

enum { KNOWN_SHARE = 10, MOST = 20 }; /* all but so much of it, a tenth, a twentieth */

struct weighing {
	struct weights *to;
	struct subject *subject;
	struct weights_owners *owners;
	bool *seen; /* of files with several names, by their ids */
	uint64_t n_seen;
};

static void node_free(struct weights_node *n)
{
	for (size_t i = 0; i < n->n; i++)
		node_free(n->children[i]);
	free(n->children);
	free(n);
}

void weights_cleanup(struct weights *w)
{
	for (size_t i = 0; i < w->n; i++) {
		free(w->components[i].name);
		free(w->components[i].image);
		free(w->components[i].prefix);
	}
	for (size_t i = 0; i < w->n_packages; i++) {
		free(w->packages[i].name);
		free(w->packages[i].version);
	}
	free(w->components);
	free(w->packages);
	free(w->order);
	free(w->package_order);
	if (w->root)
		node_free(w->root);
	tree_free(w->before);
	*w = (struct weights){0};
}

/* ---- what is there now ---- */

/* The size of a file whose other names were not counted. */
static uint64_t size_of(struct weighing *g, const struct tree_node *n)
{
	if (!S_ISREG(n->meta.mode) || !n->file)
		return 0;
	if (n->file->links < 2 || n->file->id >= g->n_seen)
		return n->file->size;
	if (g->seen[n->file->id])
		return 0;
	g->seen[n->file->id] = true;
	return n->file->size;
}

static void add_weight(struct weight *to, const struct weight *from)
{
	to->files += from->files;
	to->size += from->size;
	to->packed += from->packed;
	to->before += from->before;
}

static void weigh_file(
	struct weighing *g, struct weights_node *to, const struct tree_node *n, const char *path)
{
	struct weights *w = g->to;

	to->weight.size = size_of(g, n);
	to->weight.files = 1;
	to->package = weights_owner(w, g->owners, g->subject, to, n, path);
	add_weight(&w->components[to->component].weight,
		&(struct weight){.files = 1, .size = to->weight.size});
}

static struct weights_node *weigh(struct weighing *g, const struct tree_node *n, const char *path,
	struct weights_node *parent)
{
	struct weights_node *to = mem_new(struct weights_node);

	to->name = n->name;
	to->parent = parent;
	to->is_dir = S_ISDIR(n->meta.mode);
	to->package = SIZE_MAX;
	to->component = weights_group(g->to, g->subject, n, path);
	if (!to->is_dir)
		weigh_file(g, to, n, path);
	for (uint32_t i = 0; i < n->n; i++) {
		CLEANUP(free) char *below = path_join(path, n->children[i]->name);

		mem_grow(&to->children, to->n, &to->cap, sizeof(struct weights_node *));
		to->children[to->n++] = weigh(g, n->children[i], below, to);
	}
	return to;
}

/* ---- what was there before ---- */

static uint64_t sum_of(const struct tree_node *n)
{
	uint64_t size = S_ISREG(n->meta.mode) && n->file ? n->file->size : 0;

	for (uint32_t i = 0; i < n->n; i++)
		size += sum_of(n->children[i]);
	return size;
}

/* Children of both are sorted by name. What is gone counts for the directory that it was in. */
static void compare(struct weights_node *now, const struct tree_node *before)
{
	size_t i = 0;
	uint32_t k = 0;

	if (!now->is_dir || !S_ISDIR(before->meta.mode)) {
		/* A name of several whose size is counted elsewhere. */
		now->weight.before = now->is_dir || now->weight.size ? sum_of(before) : 0;
		return;
	}
	while (i < now->n || k < before->n) {
		int order = i == now->n ? 1
			    : k == before->n
				    ? -1
				    : strcmp(now->children[i]->name, before->children[k]->name);

		if (order == 0)
			compare(now->children[i], before->children[k]);
		else if (order > 0)
			now->weight.before += sum_of(before->children[k]);
		i += order <= 0;
		k += order >= 0;
	}
}

/* ---- sums ---- */

static int compare_sizes(const void *a, const void *b)
{
	const struct weights_node *x = *(struct weights_node *const *)a,
				  *y = *(struct weights_node *const *)b;

	if (x->weight.size != y->weight.size)
		return x->weight.size < y->weight.size ? 1 : -1;
	return strcmp(x->name, y->name);
}

/* Files are packed as well as their component is as a whole. */
static void finish(struct weights *w, struct weights_node *n)
{
	const struct weight *c = &w->components[n->component].weight;

	if (!n->is_dir) {
		if (w->components[n->component].is_same)
			n->weight.before = n->weight.size;
		n->weight.packed =
			c->size ? (double)n->weight.size * c->packed / (double)c->size : 0;
		if (n->package != SIZE_MAX)
			add_weight(&w->packages[n->package].weight, &n->weight);
		return;
	}
	for (size_t i = 0; i < n->n; i++) {
		finish(w, n->children[i]);
		add_weight(&n->weight, &n->children[i]->weight);
	}
	if (n->n)
		qsort(n->children, n->n, sizeof(struct weights_node *), compare_sizes);
}

static const struct weights *sorted; /* what compare_order compares; one thread sorts */

static int compare_order(const void *a, const void *b)
{
	size_t i = *(const size_t *)a, k = *(const size_t *)b;
	uint64_t x = sorted->components[i].weight.size, y = sorted->components[k].weight.size;

	return x != y ? (x < y ? 1 : -1) : (i > k) - (i < k);
}

static int compare_packages(const void *a, const void *b)
{
	size_t i = *(const size_t *)a, k = *(const size_t *)b;
	uint64_t x = sorted->packages[i].weight.size, y = sorted->packages[k].weight.size;

	return x != y ? (x < y ? 1 : -1) : (i > k) - (i < k);
}

static size_t *order_of(const struct weights *w, size_t n, int (*how)(const void *, const void *))
{
	size_t *order = mem_new_array(size_t, n);

	for (size_t i = 0; i < n; i++)
		order[i] = i;
	sorted = w;
	if (n)
		qsort(order, n, sizeof(*order), how);
	return order;
}

/* Components of nothing are not shown, and a sum of which much is not known is none. */
static void finish_sums(struct weights *w)
{
	uint64_t known = 0;

	w->order = order_of(w, w->n, compare_order);
	w->package_order = order_of(w, w->n_packages, compare_packages);
	for (size_t i = 0; i < w->n; i++) {
		const struct weight *c = &w->components[w->order[i]].weight;

		w->n_order += c->size > 0;
		known += c->packed > 0 ? c->size : 0;
	}
	if (known < w->root->weight.size - w->root->weight.size / KNOWN_SHARE)
		w->root->weight.packed = 0;
}

static int weigh_all(struct weighing *g, struct werr **err)
{
	int r = weights_owners_new(g->subject, &g->owners, err);

	if (r == 0)
		r = cancel_check(err);
	if (r < 0)
		return r;
	weights_group_init(g->to, g->subject);
	if (g->to->n == 0 && !g->subject->config && !g->subject->look)
		return werr_set(err, WERR_INVALID, "%s has no layers", g->subject->label);
	g->n_seen = g->subject->tree->last_id + 1;
	g->seen = mem_new_array(bool, g->n_seen);
	g->to->root = weigh(g, g->subject->tree->root, "", NULL);
	return 0;
}

int weights_find(struct subject *s, const char *operand, const char *arch, struct weights *ret,
	struct werr **err)
{
	CLEANUP(weights) struct weights w = {0};
	struct weighing g = {.to = &w, .subject = s};
	int r = subject_load(s, true, err);

	if (r == 0)
		r = weigh_all(&g, err);
	weights_owners_free(g.owners);
	free(g.seen);
	if (r < 0)
		return r;
	if (s->config)
		last_build_compare(s, operand, arch, &w);
	if (w.before)
		compare(w.root, w.before->root);
	weights_group_finish(&w, s);
	finish(&w, w.root);
	finish_sums(&w);
	*ret = w;
	w = (struct weights){0};
	return 0;
}

/* ---- the largest ---- */

char *weights_path(const struct weights_node *n)
{
	CLEANUP(free) char *above = n->parent ? weights_path(n->parent) : NULL;

	return above ? path_join(above, n->name) : str_dup("");
}

static size_t count_components(const char *path)
{
	size_t n = *path != '\0';

	for (const char *p = path; *p; p++)
		n += *p == '/';
	return n;
}

/* How many directories it is below its component's. */
static size_t depth_of(const struct weights *w, const struct weights_node *n)
{
	size_t depth = 0, above = count_components(w->components[n->component].prefix);

	for (const struct weights_node *p = n; p->parent; p = p->parent)
		depth++;
	return depth > above ? depth - above : 0;
}

struct list {
	const struct weights *weights;
	const struct weights_node **items;
	size_t n, cap, depth;
	bool dirs;
};

static bool is_listed(const struct list *l, const struct weights_node *n)
{
	if (n->is_dir != l->dirs || !n->parent || !n->weight.size)
		return false;
	/* What only has components, which have a table of their own. */
	if ((n->n && n->children[0]->component != n->component) ||
		(!n->parent->parent && str_eq(n->name, "containers")))
		return false;
	/* What is nearly all in one directory is that directory. */
	return !n->is_dir || n->n == 0 || !n->children[0]->is_dir ||
	       n->children[0]->weight.size < n->weight.size - n->weight.size / MOST;
}

static void collect(struct list *l, const struct weights_node *n)
{
	if (l->dirs && depth_of(l->weights, n) > l->depth)
		return;
	if (is_listed(l, n)) {
		mem_grow(&l->items, l->n, &l->cap, sizeof(*l->items));
		l->items[l->n++] = n;
	}
	for (size_t i = 0; i < n->n; i++)
		collect(l, n->children[i]);
}

const struct weights_node **weights_largest(
	const struct weights *w, bool dirs, size_t depth, size_t limit, size_t *ret_n)
{
	struct list l = {.weights = w, .dirs = dirs, .depth = depth};

	collect(&l, w->root);
	if (l.n)
		qsort(l.items, l.n, sizeof(*l.items), compare_sizes);
	*ret_n = l.n < limit ? l.n : limit;
	return l.items;
}
