/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order of starting: `wherry.after`. Sections follow one another, and onboot and onshutdown run
 * in the order of the file, so only the services' references to each other can be a loop.
 */
#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"
#include "config/model-build.h"
#include "config/model.h"

static const struct node *after_list(const struct config_container *k)
{
	const struct node *list = node_get(node_get(k->node, "wherry"), "after");

	return list && list->kind == NODE_LIST ? list : NULL;
}

/* When a section's turn is. */
static unsigned stage(enum config_section section)
{
	static const unsigned stages[] = {
		[CONFIG_ONBOOT] = 0, [CONFIG_SERVICES] = 1, [CONFIG_ONSHUTDOWN] = 2};

	return stages[section];
}

/* Has it run before the other begins, or does the supervisor order them? */
static bool may_precede(const struct config_container *first, const struct config_container *k)
{
	if (first->section != k->section)
		return stage(first->section) < stage(k->section);
	return k->section == CONFIG_SERVICES ? first != k : first < k;
}

/*
 * The entry of that name that k can wait for, else any entry of the name, or NULL.
 * Those of a name are in the order of their sections (onboot, onshutdown, services), and what k can
 * wait for is at an end of them.
 */
static const struct config_container *find_entry(
	const struct config *c, const struct config_container *k, const char *name)
{
	const struct config_container *first, *last;

	if (!config_named(c, name, &first, &last))
		return NULL;
	if (last->section == k->section && may_precede(last, k))
		return last;
	return may_precede(first, k) ? first : last;
}

bool config_after_counts(
	const struct config *c, const struct config_container *k, const struct node *name)
{
	const struct config_container *first = find_entry(c, k, name->text);

	/* Steps run in the order of the file, whatever became of the one before. */
	return first && first->section != CONFIG_ONSHUTDOWN && k->section == CONFIG_SERVICES;
}

static void unknown_name(const struct config *c, struct checker *checker, const struct node *n)
{
	CLEANUP(free) const char **names = mem_new_array(const char *, c->n_containers + 1);
	CLEANUP(free) char *suggestion = NULL;

	for (size_t i = 0; i < c->n_containers; i++)
		names[i] = c->ids[i].name;
	suggestion = check_suggestion(n->text, names);
	checker_add(checker, n, "no entry is named '%.80s'%s", n->text, suggestion);
	checker_hint(checker, "'after' names entries of onboot and services");
}

/* first is the entry that n means for k, or NULL. */
static void name_mistake(const struct config *c, struct checker *checker,
	const struct config_container *k, const struct config_container *first,
	const struct node *n)
{
	if (checker_is_full(checker)) {
		checker_add(checker, n, "an entry that can't be waited for");
		return;
	}
	if (!first) {
		unknown_name(c, checker, n);
	} else if (first == k) {
		checker_add(checker, n, "'%.80s' can't start after itself", k->name);
	} else {
		checker_add(checker, n, "'%.80s' can't start after '%.80s', which is in %s%s",
			k->name, n->text, config_section_name(first->section),
			first->section == k->section ? " and comes after it" : "");
		checker_hint(checker,
			"onboot runs in the file's order, then the services start, and "
			"onshutdown runs at the end");
	}
}

static void check_names(
	const struct config *c, struct checker *checker, const struct config_container *k)
{
	const struct node *list = after_list(k);

	for (size_t i = 0; list && i < list->n; i++) {
		const struct node *n = list->items[i];
		const struct config_container *first;

		if (n->broken || n->kind != NODE_SCALAR || node_scalar_type(n) != SCALAR_TEXT ||
			!n->size)
			continue; /* the table has refused it */
		first = find_entry(c, k, n->text);
		if (first ? !may_precede(first, k)
			  : !checker->incomplete && !config_is_left_out(c, n->text))
			name_mistake(c, checker, k, first, n);
	}
}

/* ---- loops ---- */

/* What is left when all entries that wait for nothing, or only for entries taken away before, are
 * taken away: loops, and what waits for them. */
struct graph {
	const struct config *c;
	size_t *waits; /* of each container: how many remaining ones it waits for */
	size_t *queue; /* of those that wait for nothing */
	size_t n_queue;
	struct waiter { /* chained: the entries that wait for it */
		size_t who, next;
	} * waiters;
	size_t *first; /* of each container: its first waiter; SIZE_MAX: none */
	size_t n_waiters, cap_waiters;
};
static void graph_cleanup(struct graph *g)
{
	free(g->waits);
	free(g->queue);
	free(g->waiters);
	free(g->first);
}

/* The service that a name in `after` of a service means; NULL: nothing that could be part of a
 * loop. */
static const struct config_container *service_named(
	const struct config *c, const struct config_container *k, const struct node *n)
{
	const struct config_container *first = NULL;

	if (n->kind == NODE_SCALAR && k->section == CONFIG_SERVICES)
		first = find_entry(c, k, n->text);
	return first && first != k && first->section == CONFIG_SERVICES ? first : NULL;
}

static void add_edges(struct graph *g, size_t who)
{
	const struct config_container *k = &g->c->containers[who];
	const struct node *list = after_list(k);

	for (size_t i = 0; list && i < list->n; i++) {
		const struct config_container *first = service_named(g->c, k, list->items[i]);
		size_t index;

		if (!first)
			continue;
		index = (size_t)(first - g->c->containers);
		mem_grow(&g->waiters, g->n_waiters, &g->cap_waiters, sizeof(*g->waiters));
		g->waiters[g->n_waiters] = (struct waiter){who, g->first[index]};
		g->first[index] = g->n_waiters++;
		g->waits[who]++;
	}
}

static void take_away(struct graph *g, size_t who)
{
	for (size_t i = g->first[who]; i != SIZE_MAX; i = g->waiters[i].next)
		if (--g->waits[g->waiters[i].who] == 0)
			g->queue[g->n_queue++] = g->waiters[i].who;
}

static void graph_reduce(struct graph *g)
{
	size_t n = g->c->n_containers;

	g->waits = mem_new_array(size_t, n);
	g->queue = mem_new_array(size_t, n);
	g->first = mem_new_array(size_t, n);
	for (size_t i = 0; i < n; i++)
		g->first[i] = SIZE_MAX;
	for (size_t i = 0; i < n; i++)
		add_edges(g, i);
	for (size_t i = 0; i < n; i++)
		if (g->waits[i] == 0)
			g->queue[g->n_queue++] = i;
	for (size_t i = 0; i < g->n_queue; i++)
		take_away(g, g->queue[i]);
}

/* The name in its list of one of the remaining entries; there is one. */
static const struct node *next_in_loop(
	const struct graph *g, size_t who, const struct config_container **ret)
{
	const struct config_container *k = &g->c->containers[who];
	const struct node *list = after_list(k);

	for (size_t i = 0; list && i < list->n; i++) {
		const struct config_container *first = service_named(g->c, k, list->items[i]);

		if (!first || g->waits[first - g->c->containers] == 0)
			continue;
		*ret = first;
		return list->items[i];
	}
	return NULL;
}

/* Follow the names from a remaining entry until one repeats, and report those passed since. */
static void report_loop(const struct graph *g, struct checker *checker, size_t start)
{
	CLEANUP(free) bool *seen = mem_new_array(bool, g->c->n_containers);
	CLEANUP(buf) struct buf chain = BUF_INIT(1024);
	const struct config_container *k = &g->c->containers[start], *next = NULL;
	const struct node *name = NULL, *first = NULL;

	while (!seen[k - g->c->containers]) {
		seen[k - g->c->containers] = true;
		next_in_loop(g, (size_t)(k - g->c->containers), &next);
		k = next;
	}
	start = (size_t)(k - g->c->containers);
	buf_printf(&chain, "'%.80s'", k->name);
	do {
		name = next_in_loop(g, (size_t)(k - g->c->containers), &next);
		first = first ? first : name;
		k = next;
		buf_printf(&chain, " after '%.80s'", k->name);
	} while ((size_t)(k - g->c->containers) != start);
	checker_add(checker, first, "services wait for each other: %s%s", buf_str(&chain),
		buf_error(&chain) < 0 ? " ..." : "");
}

void config_check_after(const struct config *c, struct checker *checker)
{
	CLEANUP(graph) struct graph g = {.c = c};

	for (size_t i = 0; i < c->n_containers; i++)
		check_names(c, checker, &c->containers[i]);
	graph_reduce(&g);
	for (size_t i = 0; i < c->n_containers; i++)
		if (g.waits[i] > 0) {
			report_loop(&g, checker, i);
			break; /* the next one is reported when this is corrected */
		}
}
