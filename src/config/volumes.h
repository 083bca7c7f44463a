/* SPDX-License-Identifier: Apache-2.0 */
/* Volumes: folders that containers share, by name. */
#ifndef WHERRY_CONFIG_VOLUMES_H
#define WHERRY_CONFIG_VOLUMES_H

#include "config/check.h"
#include "config/config.h"

/* The source of a bind: where the volume that it names will be mounted, or itself. Owned by the
 * caller. */
char *volume_source(const struct config *c, const char *source);

/*
 * Adds mistakes in the binds and mounts of an entry or a label: unknown volumes, and uses that
 * write to what is read-only. over: the entry, whose lists take the place of its label's; NULL when
 * map is the entry itself.
 */
void volumes_check_uses(const struct config *c, struct checker *checker, const struct node *map,
	const struct node *over);

/* The volumes of config_free. */
void volumes_free(struct config *c);

#endif
