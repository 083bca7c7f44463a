/* SPDX-License-Identifier: Apache-2.0 */
/* What `run` starts when it is not on this machine: an artifact of outputs, by its reference. */
#ifndef WHERRY_CLI_RUN_IMAGE_H
#define WHERRY_CLI_RUN_IMAGE_H

#include "cli/context.h"
#include "vm/qemu-options.h"

struct run_image {
	char *path;      /* what to boot: files of the artifact; NULL: the operand is none */
	char *state;     /* the state directory */
	char *temporary; /* a directory that goes with the machine: then nothing is kept; or NULL */
	const char *arch; /* of qemu_architectures(); NULL: it does not say */
};

/* Whether it is called like what `build --format oci` writes, and there. */
bool run_image_is_file(const char *operand);
/*
 * Find the artifact that the operand names: the file that `build --format oci` wrote, or in the
 * cache or, if the operand names its registry, there. Put its files into a directory: below the
 * state directory if that is kept, as for a machine in the background, else a temporary one.
 * Without an error *ret stays empty when the operand is no such thing.
 */
int run_image_find(const struct context *ctx, const struct qemu_options *o, const char *operand,
	struct run_image *ret, struct werr **err);
void run_image_cleanup(struct run_image *i);

#endif
