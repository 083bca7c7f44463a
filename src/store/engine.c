/* SPDX-License-Identifier: Apache-2.0 */
/* Importing an image from Docker or Podman. */
#include "net/engine-api.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "store/internal.h"
#include "store/registry.h"

int store_import_engine(struct store *s, struct net *net, const char *socket,
	const struct reference *ref, const struct pull_options *options, bool *ret_there,
	struct werr **err)
{
	CLEANUP(strv) struct strv imported = {0};
	const char *name = ref->name;
	struct reader *tar = NULL;
	int r;

	*ret_there = false;
	/* An engine saves another manifest than the one it pulled. */
	if (ref->digest)
		return 0;
	r = engine_open_image(net, socket, name, options->platform, &tar, err);
	if (r == 0 && tar)
		r = store_import_stream(s, tar, name, name, options->progress, &imported, err);
	if (r < 0) {
		werr_wrap(err, "engine at %s", socket);
		return r;
	}
	*ret_there = strv_has(&imported, name);
	if (*ret_there)
		log_detail("image %s from the engine at %s", name, socket);
	return 0;
}

int store_engine_names(struct net *net, const char *socket, struct strv *names, struct werr **err)
{
	return engine_list(net, socket, names, err);
}
