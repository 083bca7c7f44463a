/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The steps that make the model of c->documents, as far as they are valid: what has mistakes is
 * left out, as the checker has them already. Mistakes that only show in the model (names given
 * twice, unknown owners) are added.
 */
#ifndef WHERRY_CONFIG_MODEL_BUILD_H
#define WHERRY_CONFIG_MODEL_BUILD_H

#include "config/check.h"
#include "config/config.h"

/* arches.c: takes entries that are for other architectures out of the documents, and keeps their
 * names. */
void config_leave_out(struct config *c, const struct platform *wanted);

/* model.c */
void config_build_kernel(struct config *c, struct checker *checker);
void config_build_init(struct config *c);
void config_build_containers(struct config *c, struct checker *checker);

/* ids.c: sorts the names of c->containers, which config_named looks them up by. */
void config_sort_ids(struct config *c);
/* Adds a mistake for a uid or gid that is not the name of an entry. */
void config_check_id(const struct config *c, struct checker *checker, const struct node *n);

/* after.c: adds mistakes in `wherry.after`: names that no entry has, entries that start later, and
 * loops. */
void config_check_after(const struct config *c, struct checker *checker);

/* model-files.c */
void config_build_files(struct config *c, struct checker *checker);
/* The contents of metadata files, once all else is valid. */
void config_build_metadata(struct config *c, struct checker *checker);

/* file-source.c: the path of a file that `source` names; owned by the caller. */
char *config_file_source(const struct config *c, const struct node *n);
/* Adds mistakes for those that can't be read. */
void config_check_sources(const struct config *c, struct checker *checker);

/* model-volumes.c; after the containers */
void config_build_volumes(struct config *c, struct checker *checker);
void config_volumes_free(struct config *c);

/* images.c: parses the names of the images, once each. */
void config_build_references(struct config *c, struct checker *checker);

/*
 * network-expand.c: makes entries and a file of the key `network`, in the documents, which need not
 * have been checked.
 */
void config_expand_network(struct config *c, struct checker *checker);
/* network-check.c: adds mistakes in `network`; after the files. */
void config_check_network(const struct config *c, struct checker *checker);

/* profiles.c: reads the seccomp profiles that are files. */
void config_load_profiles(
	struct config *c, struct checker *checker, const struct config_options *options);
void config_profiles_free(struct config *c);

/* warn.c: what is legal but probably unintended, in a configuration without mistakes. */
void config_warn(const struct config *c, struct checker *checker, const struct platform *platform);

#endif
