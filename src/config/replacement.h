/* SPDX-License-Identifier: Apache-2.0 */
/* LinuxKit's images that become components of ours: `--components wherry`, the key `components`. */
#ifndef WHERRY_CONFIG_REPLACEMENT_H
#define WHERRY_CONFIG_REPLACEMENT_H

#include "config/check.h"
#include "config/config.h"

/* replacement-table.c: the rows of pkg/components.yml, whose head says what their keys mean. */
int replacement_table_read(struct document **ret, struct werr **err);
/* The row of linuxkit/NAME; NULL: none. It belongs to the table. */
const struct node *replacement_table_find(const struct document *table, const char *name);
/* Is it linuxkit/NAME on docker.io, with any tag or digest? *ret is NAME, owned by the caller. */
bool replacement_linuxkit_name(const char *image, char **ret);

/*
 * Gives images in the documents other names, and takes out what has no work left; c->replaced says
 * which. What an entry asks of LinuxKit's program and ours does not do is a mistake; an image that
 * stays although it is LinuxKit's is a warning. Does nothing unless options or a document say so.
 */
void replacement_run(
	struct config *c, struct checker *checker, const struct config_options *options);
/* Is this the image of a component that replacement_run put there? */
bool replacement_has(const struct config *c, const struct node *n);
void replacement_free(struct config *c);

/*
 * replacement-entry.c: make an entry whose image was replaced one of ours: row has the program's
 * command lines. Mistakes are added.
 */
void replacement_adapt_entry(struct checker *checker, struct node *entry, const struct node *row);
/* Adds mistakes for binds of what only containerd and runc have. */
void replacement_check_binds(struct checker *checker, const struct node *entry);

#endif
