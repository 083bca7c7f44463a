/* SPDX-License-Identifier: Apache-2.0 */
/* Pulling one blob, from the mirrors or the registry. */
#include <errno.h>

#include "base/log.h"
#include "base/mem.h"
#include "store/pull.h"

enum { ALWAYS_CHECKED = 1 << 20 }; /* bytes; reading this little costs nothing */

bool pull_has_blob(const struct pull_image *p, const struct descriptor *d)
{
	if (store_stat_blob(p->store, d, NULL) < 0)
		return false;
	return (!p->options->check && d->size > ALWAYS_CHECKED) ||
	       store_check_blob(p->store, d, NULL) == 0;
}

struct wanted_blob {
	const struct descriptor *d;
	const char *url; /* its location outside the repository, or NULL */
	void (*moved)(void *ctx, uint64_t bytes);
	void *ctx;
};

static int blob_from(struct pull_image *p, struct remote *remote, void *wanted, struct werr **err)
{
	const struct wanted_blob *w = wanted;
	CLEANUP(blob_writer) struct blob_writer *b = NULL;
	struct writer *to;
	int r = store_new_blob(p->store, &b, err);

	if (r < 0)
		return r;
	to = blob_writer_stream(b);
	r = w->url ? remote_get_foreign(remote, w->d, w->url, to, w->moved, w->ctx, err)
		   : remote_get_blob(remote, w->d, to, w->moved, w->ctx, err);
	if (r == 0)
		r = blob_writer_commit(b, &w->d->digest, NULL, err);
	if (r == -EBADMSG)
		werr_wrap(err, "what %s sent is wrong", w->url ? "its URL" : remote_host(remote));
	return r;
}

/* A foreign layer may exist only at its URLs. The last error is reported. */
int pull_blob(struct pull_image *p, const struct descriptor *d,
	void (*moved)(void *ctx, uint64_t bytes), void *ctx, struct werr **err)
{
	struct remote *registry = p->remotes.items[p->remotes.n - 1];
	struct wanted_blob w = {d, NULL, moved, ctx};
	struct werr *why = NULL;
	int r = pull_from_remotes(p, blob_from, &w, &why);

	for (size_t i = 0; r < 0 && !pull_is_final(r) && i < d->urls.n; i++) {
		log_detail("blob %s: %s", d->digest.text, why ? why->message : "");
		werr_free(STEAL(why));
		w.url = d->urls.items[i];
		r = blob_from(p, registry, &w, &why);
	}
	if (r < 0)
		werr_pass(err, STEAL(why));
	werr_free(why);
	return r;
}
