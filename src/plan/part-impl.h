/* SPDX-License-Identifier: Apache-2.0 */
/* What the makers of parts (part*.c) share. */
#ifndef WHERRY_PLAN_PART_IMPL_H
#define WHERRY_PLAN_PART_IMPL_H

#include "plan/plan.h"

/* What is put into the content's trees from now on comes from there. An image gets its full name.
 * All is copied. */
void part_set_origin(struct part_content *c, const char *source, const char *location);
void part_set_origin_at(
	struct part_content *c, const char *source, const char *section, size_t index);
void part_set_image_origin(struct part_content *c, const char *image, const char *location);
void part_set_image_origin_at(
	struct part_content *c, const char *image, const char *section, size_t index);

/* A folder, or a file with mode 0644, and the folders above them: root's, with the build's time. */
int part_put_folder(struct tree *t, const char *path, struct werr **err);
int part_put_text(struct tree *t, const char *path, const char *text, struct werr **err);
/* The configuration's files that don't go into bundles. */
int part_put_files(const struct plan *p, struct part_content *c, struct werr **err);
bool part_file_is_in_bundle(const struct config_file *f);
/* Is the path in the part's bundle or volume? */
bool part_has_path(const struct part *part, const char *path);

/* What the earlier tar has from the origin that was set last, with the image's files at the part's
 * prefix. */
int part_load_unchanged(
	const struct plan *p, const struct part *part, struct part_content *ret, struct werr **err);

/*
 * The folders that the SBOM goes into, where they are missing; none with --compat, as LinuxKit
 * makes none.
 */
int part_put_sbom_folders(const struct plan *p, struct tree *t, struct werr **err);

int part_load_boot(
	const struct plan *p, const struct part *part, struct part_content *ret, struct werr **err);
int part_load_root(
	const struct plan *p, const struct part *part, struct part_content *ret, struct werr **err);
int part_load_files(
	const struct plan *p, const struct part *part, struct part_content *ret, struct werr **err);
int part_load_sbom(
	const struct plan *p, const struct part *part, struct part_content *ret, struct werr **err);
int part_load_volume(
	const struct plan *p, const struct part *part, struct part_content *ret, struct werr **err);

#endif
