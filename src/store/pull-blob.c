/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "base/mem.h"
#include "store/pull.h"

enum { ALWAYS_CHECKED = 1 << 20 }; /* bytes; reading so little costs nothing */

bool pull_has_blob(const struct pull_image *p, const struct descriptor *d)
{
	if (store_stat_blob(p->store, d, NULL) < 0)
		return false;
	return (!p->options->check && d->size > ALWAYS_CHECKED) ||
	       store_check_blob(p->store, d, NULL) == 0;
}

struct wanted_blob {
	const struct descriptor *d;
	void (*moved)(void *ctx, uint64_t bytes);
	void *ctx;
};

static int blob_from(struct pull_image *p, struct remote *remote, void *wanted, struct werr **err)
{
	const struct wanted_blob *w = wanted;
	CLEANUP(blob_writer) struct blob_writer *b = NULL;
	int r = store_new_blob(p->store, &b, err);

	if (r == 0)
		r = remote_get_blob(remote, w->d, blob_writer_stream(b), w->moved, w->ctx, err);
	if (r == 0)
		r = blob_writer_commit(b, &w->d->digest, NULL, err);
	if (r == -EBADMSG)
		werr_wrap(err, "what %s sends is wrong", remote_host(remote));
	return r;
}

int pull_blob(struct pull_image *p, const struct descriptor *d,
	void (*moved)(void *ctx, uint64_t bytes), void *ctx, struct werr **err)
{
	struct wanted_blob w = {d, moved, ctx};

	return pull_from_remotes(p, blob_from, &w, err);
}
