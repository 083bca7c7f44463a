/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WHERRY_NET_ENGINE_LOAD_H
#define WHERRY_NET_ENGINE_LOAD_H

#include "base/error.h"

struct http_source;
struct net;

/* Give an engine (engine_find gives the socket) an image in the form that `docker save` writes. */
int engine_load(
	struct net *n, const char *socket, const struct http_source *tar, struct werr **err);
/* What the answer to POST /images/load says in spite of its status: WERR_FAILED, or 0. */
int engine_load_error(const char *text, size_t size, struct werr **err);

#endif
