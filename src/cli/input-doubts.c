/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/input-doubts.h"

#include <stdlib.h>

#include "base/mem.h"
#include "cli/input-lock.h"
#include "plan/doubts.h"

static int by_name(const void *name, const void *entry)
{
	return strcmp(name, ((const struct store_entry *)entry)->name);
}

/* NULL: it is not in the store, or the lock file wants another one. */
static const struct digest *top_of(const struct store_entries *entries, const struct lockfile *lock,
	const struct reference *ref)
{
	const struct locked_image *locked = lock ? lockfile_find(lock, ref->name) : NULL;
	const struct store_entry *e = entries->n ? bsearch(ref->name, entries->items, entries->n,
							   sizeof(entries->items[0]), by_name)
						 : NULL;

	if (!e || (locked && !digest_eq(&locked->digest, &e->descriptor.digest)))
		return NULL;
	return &e->descriptor.digest;
}

static void look(struct store *store, const struct platform *platform, const struct lockfile *lock,
	const struct config *c, struct werr **warnings)
{
	struct store_entries entries = {0};
	CLEANUP(free) struct config_image_use *uses = NULL;
	CLEANUP(free) const struct digest **tops = NULL;
	size_t n = config_images(c, &uses), known = 0;

	if (store_list(store, &entries, NULL) < 0)
		return;
	tops = mem_new_array(const struct digest *, n);
	for (size_t i = 0; i < n; i++) {
		tops[i] = top_of(&entries, lock, uses[i].reference);
		known += tops[i] != NULL;
	}
	if (known)
		doubts_find(&(struct doubts_input){.config = c,
				    .store = store,
				    .platform = platform,
				    .uses = uses,
				    .tops = tops,
				    .n = n},
			warnings);
	store_entries_cleanup(&entries);
}

void input_doubts(const struct context *ctx, const struct input_options *o,
	const char *const *files, const struct config *c, struct werr **warnings)
{
	CLEANUP(store) struct store *store = NULL;
	CLEANUP(lockfile) struct lockfile *lock = NULL;
	struct platform platform;

	if (context_has_store(ctx) && input_platform(o, &platform, NULL) == 0 &&
		input_lock_read(files, &lock, NULL) == 0 &&
		context_open_store(ctx, &store, NULL) == 0)
		look(store, &platform, lock, c, warnings);
}
