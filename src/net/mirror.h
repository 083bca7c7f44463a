/* SPDX-License-Identifier: Apache-2.0 */
/* --mirror: "URL" for all registries, or "REGISTRY=URL" for one. */
#ifndef WHERRY_NET_MIRROR_H
#define WHERRY_NET_MIRROR_H

#include "base/str.h"
#include "base/error.h"

/* WERR_USAGE for one that is neither. */
int mirrors_check(const struct strv *mirrors, struct werr **err);
/* The URLs of those for this registry, in the order given; they belong to mirrors. */
void mirrors_of(const struct strv *mirrors, const char *registry, struct strv *ret);

#endif
