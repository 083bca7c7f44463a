/* SPDX-License-Identifier: Apache-2.0 */
/* What the kinds of parts (part-KIND.c) share. */
#ifndef WHERRY_PLAN_PART_IMPL_H
#define WHERRY_PLAN_PART_IMPL_H

#include "plan/plan.h"

/* A file of the configuration: its metadata, and that of missing directories above it. */
struct tree_meta part_file_meta(const struct config_file *f);
struct tree_meta part_file_dirs(const struct config_file *f);
/* Put it at the path, which is the file's own or where that leads. */
int part_put_file(struct tree *t, const char *path, const struct config_file *f, struct werr **err);
/* Does it go into a bundle (or not), and is it there? */
bool part_file_is_wanted(const struct config_file *f, bool into_bundles);
/* All those that do not go into bundles. */
int part_put_files(const struct plan *p, struct part_content *c, struct werr **err);
/* Hash the files that go into bundles, or the others. Negative: one cannot be read twice. */
int part_files_key(struct sha256 *h, const struct plan *p, bool into_bundles);
/* Do any of the configuration's files go into the part's bundle or volume? */
bool part_has_files(const struct plan *p, const struct part *part);

/*
 * The directories that the SBOM goes into, where they are missing; none with --compat, as LinuxKit
 * makes none.
 */
int part_put_sbom_dirs(const struct plan *p, struct tree *t, struct werr **err);

/*
 * Put what the earlier tar has from the origin that was set last. The image's files are then at the
 * part's files_dir.
 */
int part_load_unchanged(
	const struct plan *p, const struct part *part, struct part_content *ret, struct werr **err);

/* Is there to be an os-release of the build's own? */
bool part_wants_release(const struct plan *p);

void part_image_key(struct sha256 *h, const struct image *image);
/* Hash what part_key hashes. */
int part_add_key(struct sha256 *h, const struct plan *p, const struct part *part);

#endif
