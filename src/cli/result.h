/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a verb that does something ends: with a line on stdout for each thing that it was done to,
 * the same on a terminal and in a pipe. None under --quiet; with --json always an object.
 */
#ifndef WHERRY_CLI_RESULT_H
#define WHERRY_CLI_RESULT_H

#include "base/buf.h"
#include "cli/context.h"
#include "oci/digest.h"
#include "oci/reference.h"

struct net;
struct push_options;
struct store;
struct vm_machine;

/* Show the text or the JSON, each without a newline. */
int result_show(
	const struct context *ctx, const char *text, const struct buf *json, struct werr **err);

struct result_image {
	const char *name; /* in full */
	struct digest digest;
	uint64_t size;   /* 0: not known */
	bool before;     /* nothing had to be done */
	const char *key; /* for `before` in JSON: "cached"; NULL: it is not shown */
	const char *was; /* and in text: "was in the cache" */
};
/* "NAME DIGEST SIZE (was in the cache)" */
int result_show_image(const struct context *ctx, const struct result_image *i, struct werr **err);
/* What the store has under a name: digest and size. */
int result_look_up(struct store *store, const struct reference *ref, struct result_image *ret,
	struct werr **err);

/* "PATH SIZE" of a file that was written. */
int result_show_file(const struct context *ctx, const char *path, struct werr **err);

/* "PID NAME DIR" of a machine in the background. */
void result_add_machine(const struct vm_machine *m, struct buf *text, struct buf *json);
int result_show_machine(const struct context *ctx, const struct vm_machine *m, struct werr **err);

/* Push an image, and show what its name stands for in the registry. */
int result_push(const struct context *ctx, struct store *store, struct net *net,
	const struct reference *ref, const struct push_options *o, struct werr **err);

/* "logged in to REGISTRY; kept in FILE" */
int result_show_login(const struct context *ctx, const char *did, const char *registry,
	const char *how, const char *file, struct werr **err);

/* After a removal of an image (NULL: of n images): "removed NAME; 2.0 MiB freed". */
int result_show_removed(
	const struct context *ctx, const char *name, size_t n, uint64_t freed, struct werr **err);

#endif
