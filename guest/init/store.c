/* SPDX-License-Identifier: Apache-2.0 */
#include "init/store.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"

static struct kept *find(const struct store *s, const char *name)
{
	for (size_t i = 0; i < s->n; i++)
		if (str_eq(s->items[i].name, name))
			return &s->items[i];
	return NULL;
}

void store_drop(struct store *s, const char *name)
{
	struct kept *k = find(s, name);

	if (!k)
		return;
	close(k->fd);
	free(k->name);
	*k = s->items[--s->n];
}

void store_keep(struct store *s, const char *name, int fd)
{
	store_drop(s, name);
	if (s->n == STORE_MAX) {
		close(fd);
		return;
	}
	mem_grow(&s->items, s->n, &s->cap, sizeof(*s->items));
	s->items[s->n++] = (struct kept){str_dup(name), fd};
}

void store_list(const struct store *s, struct strv *argv, int *fds)
{
	for (size_t i = 0; i < s->n; i++) {
		strv_addf(argv, "%s=%d", s->items[i].name, s->items[i].fd);
		fds[i] = s->items[i].fd;
	}
}

void store_clear(struct store *s)
{
	while (s->n)
		store_drop(s, s->items[0].name);
	free(s->items);
	*s = (struct store){0};
}
