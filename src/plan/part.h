/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A part of the plan: what is encoded, and kept for the next build, by itself. Each kind of part is
 * an object in part-KIND.c, with what it consists of and what that depends on side by side.
 */
#ifndef WHERRY_PLAN_PART_H
#define WHERRY_PLAN_PART_H

#include "bundle/bundle.h"
#include "config/config.h"
#include "hash/sha256.h"
#include "plan/content.h"

struct plan;
struct part;

struct part_kind {
	const char *name;   /* hashed into the part's key */
	bool needs_kernel;  /* it is made from the kernel's image, see plan_load_kernel */
	bool is_kept;       /* loading it takes longer than making its key */
	bool is_late;       /* loaded after the others, of what they leave in the store */
	bool may_have_boot; /* files of boot/, or the os-release: what outputs take singly */
	int (*load)(const struct plan *p, const struct part *part, struct part_content *ret,
		struct werr **err);
	/* Hash all that the content depends on. Negative: it is unknown. */
	int (*key)(struct sha256 *h, const struct plan *p, const struct part *part);
	/* NULL; or fail when the kernel cannot unpack an initrd with this content. */
	int (*check)(const struct plan *p, const struct part_content *content, struct werr **err);
};

/* boot/: kernel, command line, microcode. */
extern const struct part_kind part_kind_boot;
/* The kernel's modules, the init images and the files, merged into one tree. */
extern const struct part_kind part_kind_root;
/* A bundle with its image's files. */
extern const struct part_kind part_kind_container;
/* A volume with its image's files or OCI layout. */
extern const struct part_kind part_kind_volume;
/* Files of the configuration that go into bundles, and so follow them. */
extern const struct part_kind part_kind_files;
/* /etc/os-release, unless the configuration or an init image has one. */
extern const struct part_kind part_kind_release;
extern const struct part_kind part_kind_sbom;

struct part {
	const struct part_kind *kind;
	const char *name;      /* for people: "root", "services/nginx" */
	const char *dir;       /* of the bundle or volume; NULL: neither */
	const char *files_dir; /* where it puts its image's files; NULL: nowhere, or an earlier part
				  has them */
	bool unchanged; /* it is taken from the earlier tar, and may lack image, container, layout
			 */
	const struct image *image; /* container, volume; NULL: no files */
	/* A container. */
	const struct config_container *entry;
	struct bundle *container; /* owned */
	/* A volume. */
	const struct config_volume *volume;
	struct image_layout *layout; /* NULL, or owned */
	char *prefix;                /* of the image's files; owned */
};

/* What the part consists of; the caller releases it with part_content_cleanup. */
int part_load(
	const struct plan *p, const struct part *part, struct part_content *ret, struct werr **err);
/*
 * The digest of all that a part depends on, this program included. False when it has none: it is
 * taken from an earlier tar, or has a file that cannot be read twice. Files of the configuration
 * are read, so the key also changes while such a file is being written.
 */
bool part_key(const struct plan *p, const struct part *part, char ret[static SHA256_HEX + 1]);
/* Is the path inside the part's bundle or volume? */
bool part_has_path(const struct part *part, const char *path);

#endif
