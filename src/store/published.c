/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a registry has an image already. */
#include <errno.h>

#include "base/mem.h"
#include "base/str.h"
#include "net/registry.h"
#include "store/registry.h"

/* A mirror may be this machine's own: only the registry, which comes last, counts. */
static int ask(
	struct remotes *remotes, const char *name, struct remote_manifest *ret, struct werr **err)
{
	return remote_get_manifest(remotes->items[remotes->n - 1], name, NULL, ret, err);
}

int store_is_published(struct net *net, const struct store_entry *e, bool *ret, struct werr **err)
{
	CLEANUP(reference) struct reference ref = {0};
	CLEANUP(remotes) struct remotes remotes = {0};
	CLEANUP(werr) struct werr *why = NULL;
	struct remote_manifest m = {0};
	int r = reference_parse(e->name, &ref, err);

	if (r == 0)
		r = remotes_open(net, &ref, &remotes, err);
	if (r < 0)
		return r;
	r = ask(&remotes, ref.digest ? ref.digest : ref.tag, &m, &why);
	*ret = r == 0 && digest_eq(&m.digest, &e->descriptor.digest);
	remote_manifest_cleanup(&m);
	if (r == 0 || r == -ENOENT)
		return 0;
	werr_pass(err, STEAL(why));
	return r;
}
