/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What Podman, Skopeo and Buildah are configured to do with registries:
 * containers-registries.conf(5), version 2. These tables are read: [[registry]] with prefix,
 * location, insecure, blocked and mirror-by-digest-only, and [[registry.mirror]] with location,
 * insecure and pull-from-mirror.
 */
#ifndef WHERRY_NET_REGISTRIES_CONF_H
#define WHERRY_NET_REGISTRIES_CONF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/str.h"

enum { REGISTRIES_MAX = 1000, REGISTRY_MIRRORS_MAX = 20, REGISTRY_LOCATION_MAX = 512 };

struct registry_mirror {
	char *location; /* "HOST[:PORT][/PATH]" */
	bool insecure;
	bool for_tags, for_digests; /* which kinds of names it is asked for */
};

struct registry_conf {
	char *prefix;   /* "HOST[:PORT][/PATH]", or "*.DOMAIN" */
	char *location; /* what replaces the prefix; NULL: the prefix itself */
	bool insecure, blocked, mirror_by_digest_only;
	struct registry_mirror *mirrors;
	size_t n, cap;
};

struct registries_conf {
	struct registry_conf *items;
	size_t n, cap;
};
void registries_conf_cleanup(struct registries_conf *c);

/*
 * Add what a file (name) says; a prefix that was there already is replaced. WERR_INVALID with file
 * and line.
 */
int registries_conf_parse(const char *name, const char *text, size_t size,
	struct registries_conf *ret, struct werr **err);
/*
 * The files of this user: $CONTAINERS_REGISTRIES_CONF, or else
 * ~/.config/containers/registries.conf, or else /etc/containers/registries.conf; and then the
 * files in the directories registries.conf.d beside the last two.
 */
int registries_conf_read(struct registries_conf *ret, struct werr **err);

/*
 * ~/.config/containers, or where XDG_CONFIG_HOME has it; owned by the caller. NULL: neither is set.
 */
char *registries_own_dir(void);

/* The one with the longest prefix of an image's name ("docker.io/library/redis"), or NULL. */
const struct registry_conf *registries_conf_find(const struct registries_conf *c, const char *name);
/* The name with the location instead of the prefix; owned by the caller. */
char *registry_conf_rewrite(const struct registry_conf *r, const char *location, const char *name);

#endif
