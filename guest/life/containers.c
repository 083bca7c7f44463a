/* SPDX-License-Identifier: Apache-2.0 */
#include "life/containers.h"

#include <stdlib.h>

#include "base/mem.h"
#include "common/fs.h"

static void read_group(struct containers *cs, enum container_kind kind)
{
	struct container_group *g = &cs->groups[kind];
	CLEANUP(free) char *dir = str_printf("/%s", contract_dir(kind));
	CLEANUP(strv) struct strv names = {0};
	const char *name;

	/* No directory, no containers. */
	fs_names(dir, &names);
	STRV_FOREACH (name, &names) {
		mem_grow(&g->items, g->n, &g->cap, sizeof(struct container *));
		g->items[g->n++] = container_new(cs->env, kind, name);
	}
}

void containers_read(struct containers *ret, struct env *env)
{
	*ret = (struct containers){.env = env};
	for (unsigned kind = 0; kind < CONTAINER_KINDS; kind++)
		read_group(ret, (enum container_kind)kind);
}

void containers_cleanup(struct containers *cs)
{
	for (size_t g = 0; g < CONTAINER_KINDS; g++) {
		for (size_t i = 0; i < cs->groups[g].n; i++)
			container_free(cs->groups[g].items[i]);
		free(cs->groups[g].items);
	}
	*cs = (struct containers){0};
}

struct container *containers_at(const struct containers *cs, size_t i)
{
	for (size_t g = 0; g < CONTAINER_KINDS; g++) {
		if (i < cs->groups[g].n)
			return cs->groups[g].items[i];
		i -= cs->groups[g].n;
	}
	return NULL;
}

struct container *containers_find(const struct containers *cs, const char *name)
{
	static const enum container_kind kinds[] = {
		CONTAINER_SERVICE, CONTAINER_ONBOOT, CONTAINER_ONSHUTDOWN};

	for (size_t k = 0; k < ARRAY_SIZE(kinds); k++) {
		const struct container_group *g = &cs->groups[kinds[k]];

		for (size_t i = 0; i < g->n; i++)
			if (str_eq(g->items[i]->name, name) || str_eq(g->items[i]->id, name))
				return g->items[i];
	}
	return NULL;
}
