/* SPDX-License-Identifier: Apache-2.0 */
#include "output/loader.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "plan/rootfs.h"

struct loader {
	struct loader_image from;
	struct tree *tree; /* NULL until it is read */
};

struct loaders {
	struct store *store;
	pthread_mutex_t lock; /* of the trees */
	struct loader *items;
	size_t n;
};

struct loaders *loaders_new(struct store *s, const struct loader_image *images, size_t n)
{
	struct loaders *l = mem_new(struct loaders);

	l->store = s;
	l->items = mem_new_array(struct loader, n);
	l->n = n;
	pthread_mutex_init(&l->lock, NULL);
	for (size_t i = 0; i < n; i++)
		l->items[i].from = images[i];
	return l;
}

void loaders_free(struct loaders *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->items[i].tree)
			tree_free(l->items[i].tree);
	pthread_mutex_destroy(&l->lock);
	free(l->items);
	free(l);
}

static struct loader *find(struct loaders *l, const char *name)
{
	for (size_t i = 0; i < l->n; i++)
		if (str_eq(l->items[i].from.name, name))
			return &l->items[i];
	return NULL;
}

/* A tree that is there is no longer changed, so that files are read without the lock. */
static int load(struct loaders *l, struct loader *loader, struct werr **err)
{
	int r = 0;

	pthread_mutex_lock(&l->lock);
	if (!loader->tree)
		r = rootfs_load(l->store, loader->from.image, NULL, &loader->tree, err);
	pthread_mutex_unlock(&l->lock);
	return r;
}

int loader_read(struct loaders *l, const char *name, const char *path, struct extents *owner,
	unsigned char **ret, size_t *ret_size, struct werr **err)
{
	struct loader *loader = find(l, name);
	CLEANUP(reader) struct reader *from = NULL;
	const struct tree_node *n;
	unsigned char *bytes;
	int r;

	if (!loader)
		return werr_set(err, WERR_NOT_FOUND, "the boot loader %s is missing", name);
	r = load(l, loader, err);
	if (r < 0)
		return r;
	n = tree_resolve(loader->tree, path);
	if (!n || !S_ISREG(n->meta.mode))
		return werr_set(
			err, WERR_NOT_FOUND, "%s has no file %s", loader->from.image->name, path);
	if (n->file->size > LOADER_FILE_MAX)
		return werr_set(err, WERR_LIMIT, "%s: %s has more than %d MiB",
			loader->from.image->name, path, LOADER_FILE_MAX >> 20);
	from = tree_open_file(loader->tree, n);
	bytes = extents_alloc(owner, (size_t)n->file->size);
	r = reader_read_full(from, bytes, (size_t)n->file->size, err);
	if (r < 0)
		return r;
	*ret = bytes;
	*ret_size = (size_t)n->file->size;
	return 0;
}
