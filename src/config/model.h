/* SPDX-License-Identifier: Apache-2.0 */
/* Queries of a loaded configuration, beyond what its structures say. */
#ifndef WHERRY_CONFIG_MODEL_H
#define WHERRY_CONFIG_MODEL_H

#include "config/check.h"
#include "config/config.h"

/* A key of the kernel from all files together; NULL: not given. */
const struct node *config_kernel_key(const struct config *c, const char *key);

/* The first (ret may be NULL) and last entry of a name; false: no entry has it. */
bool config_named(const struct config *c, const char *name, const struct config_container **first,
	const struct config_container **last);
/* A number, or the name of an entry ("" and "root" are 0); false when it is neither. */
bool config_id_of(const struct config *c, const struct node *n, uint32_t *ret);

/*
 * Is a name in k's `after` something to wait for? A service waits for others, and for steps of
 * onboot, which have run by then but may have failed. The steps follow one another anyway.
 */
bool config_after_counts(
	const struct config *c, const struct config_container *k, const struct node *name);

/* Was an entry of this name left out because it is for other architectures? */
bool config_is_left_out(const struct config *c, const char *name);

/* The seccomp profile that the value of `wherry.seccomp` names, which is a file. */
const struct document *config_profile_of(const struct config *c, const struct node *n);

/* The source of a bind: where the volume that it names will be mounted, or itself. Owned by the
 * caller. */
char *config_volume_source(const struct config *c, const char *source);
/*
 * Adds mistakes in the binds and mounts of an entry or a label: unknown volumes, and uses that
 * write to what is read-only. over: the entry, whose lists replace its label's; NULL when map is
 * the entry itself.
 */
void config_check_volume_uses(const struct config *c, struct checker *checker,
	const struct node *map, const struct node *over);

#endif
