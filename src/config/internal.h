/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of this room share and nobody else needs. */
#ifndef WHERRY_CONFIG_INTERNAL_H
#define WHERRY_CONFIG_INTERNAL_H

#include "config/check.h"
#include "config/config.h"

/*
 * The model of c->documents, as far as they are right: what has mistakes is left out, as the
 * checker has them already. The mistakes that show in the model only (names given twice, unknown
 * owners) are added.
 */
void config_build_kernel(struct config *c, struct checker *checker);
void config_build_init(struct config *c);
void config_build_containers(struct config *c, struct checker *checker);
void config_build_files(struct config *c, struct checker *checker);
void config_build_volumes(struct config *c, struct checker *checker); /* after the containers */

/* A key of the kernel as the files together have it; NULL: none gives it. */
const struct node *config_kernel_key(const struct config *c, const char *key);
/* files.c: the contents of metadata files, once all else is right. */
void config_build_metadata(struct config *c, struct checker *checker);

/* after.c: adds mistakes in `wherry.after`: names that nothing has or that start later, and loops.
 */
void config_check_after(const struct config *c, struct checker *checker);
/* Is a name in k's `after` something to wait for? What is in an earlier section, or before k in its
 * own, has had its turn anyway. */
bool config_after_counts(
	const struct config *c, const struct config_container *k, const struct node *name);

/* arches.c: takes entries that are for other architectures out of the documents, and keeps their
 * names. */
void config_leave_out(struct config *c, const struct platform *wanted);
bool config_is_left_out(const struct config *c, const char *name);

/* profiles.c: the seccomp profiles that are files, and which of them the value of `wherry.seccomp`
 * names. */
void config_load_profiles(
	struct config *c, struct checker *checker, const struct config_options *options);
const struct document *config_profile_of(const struct config *c, const struct node *n);
void config_profiles_free(struct config *c);

/* warn.c: what is allowed and hardly meant, in a configuration that is right. */
void config_warn(const struct config *c, struct checker *checker);

/* grants.c: warns of what an entry gives up of the defaults. */
void grants_warn(struct checker *checker, const struct node *entry);
/* Is a key of grant_names in the entry's `wherry.accept`? */
bool grant_is_accepted(const struct node *entry, const char *key);
/*
 * What a label (NULL: none) gives beyond the defaults, that the entry (NULL: none) neither replaces
 * nor accepts: names as of grant_names, and a text for each.
 */
void grants_of_label(
	const struct node *label, const struct node *entry, struct strv *names, struct strv *texts);

/* check-types.c: is one node of the key's type? What is wrong is added. */
bool check_type(struct checker *c, const struct key *key, const struct node *n);
void check_expected_list(struct checker *c, const struct node *n);

/* The ids of c->containers; then what a node means. */
void config_sort_ids(struct config *c);
/* The first (may be NULL) and last entry of a name; false: nothing is called so. */
bool config_named(const struct config *c, const char *name, const struct config_container **first,
	const struct config_container **last);
/* A number, or the name of an entry ("" and "root" are 0); false when it is neither. */
bool config_id_of(const struct config *c, const struct node *n, uint32_t *ret);
/* Adds a mistake for a uid or gid that nothing is called. */
void config_check_id(const struct config *c, struct checker *checker, const struct node *n);

#endif
