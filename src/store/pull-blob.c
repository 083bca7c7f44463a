/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "base/log.h"
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

bool pull_is_final(int r)
{
	return r == -ECANCELED || r == -ENOSPC || r == -EDQUOT || r == -EROFS;
}

static int blob_from(struct pull_image *p, struct remote *remote, const struct descriptor *d,
	void (*moved)(void *ctx, uint64_t bytes), void *ctx, struct werr **err)
{
	CLEANUP(blob_writer) struct blob_writer *b = NULL;
	int r = store_new_blob(p->store, &b, err);

	if (r == 0)
		r = remote_get_blob(remote, d, blob_writer_stream(b), moved, ctx, err);
	return r < 0 ? r : blob_writer_commit(b, &d->digest, NULL, err);
}

int pull_blob(struct pull_image *p, const struct descriptor *d,
	void (*moved)(void *ctx, uint64_t bytes), void *ctx, struct werr **err)
{
	for (size_t i = 0;; i++) {
		CLEANUP(werr) struct werr *why = NULL;
		struct remote *remote = p->remotes.items[i];
		int r = blob_from(p, remote, d, moved, ctx, &why);

		if (r == 0)
			return 0;
		if (i + 1 < p->remotes.n && !pull_is_final(r)) {
			log_detail("mirror %s: %s", remote_host(remote), why ? why->message : "");
			continue;
		}
		if (r == -EBADMSG)
			werr_wrap(&why, "what %s sends is wrong", remote_host(remote));
		if (err)
			*err = STEAL(why);
		return r;
	}
}
