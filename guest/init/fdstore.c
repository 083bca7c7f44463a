/* SPDX-License-Identifier: Apache-2.0 */
#include "init/fdstore.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"

static struct kept *find(const struct fdstore *s, const char *name)
{
	for (size_t i = 0; i < s->n; i++)
		if (str_eq(s->items[i].name, name))
			return &s->items[i];
	return NULL;
}

void fdstore_drop(struct fdstore *s, const char *name)
{
	struct kept *k = find(s, name);

	if (!k)
		return;
	close(k->fd);
	free(k->name);
	*k = s->items[--s->n];
}

void fdstore_keep(struct fdstore *s, const char *name, int fd)
{
	fdstore_drop(s, name);
	if (s->n == FDSTORE_MAX) {
		close(fd);
		return;
	}
	mem_grow(&s->items, s->n, &s->cap, sizeof(*s->items));
	s->items[s->n++] = (struct kept){str_dup(name), fd};
}

void fdstore_list(const struct fdstore *s, struct strv *argv, int *fds)
{
	for (size_t i = 0; i < s->n; i++) {
		strv_addf(argv, "%s=%d", s->items[i].name, s->items[i].fd);
		fds[i] = s->items[i].fd;
	}
}

void fdstore_clear(struct fdstore *s)
{
	while (s->n)
		fdstore_drop(s, s->items[0].name);
	free(s->items);
	*s = (struct fdstore){0};
}
