/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plan: the ordered list of parts that an OS is made of. A part is what is encoded (and kept
 * for the next build) by itself: what stands in boot/, the merged root, each container.
 */
#ifndef WHERRY_PLAN_PLAN_H
#define WHERRY_PLAN_PLAN_H

#include "plan/earlier.h"
#include "plan/meter.h"
#include "resolve/resolve.h"
#include "archive/archive.h"
#include "bundle/bundle.h"
#include "codec/codec.h"
#include "tree/tree.h"

/* The time that everything generated carries: LinuxKit's own. */
enum { BUILD_TIME = 1492533000 };

/* The kernel's image, merged, and what is taken from it: see plan_load_kernel. */
struct plan_kernel {
	struct tree *tree; /* NULL: the configuration has no kernel, or nobody needs it */
	struct tree_node *binary;
	struct tree_node *tar;   /* or NULL */
	struct tree_node *ucode; /* or NULL */
};

enum part_kind {
	PART_BOOT, /* boot/: kernel, cmdline, ucode.cpio */
	PART_ROOT, /* the kernel's modules, the init images and the files, merged into one tree */
	PART_CONTAINER, /* one bundle with its image's files */
	PART_VOLUME,    /* a volume with its image's files or layout */
	PART_FILES,     /* files of the configuration that go into bundles, so after them */
	PART_SBOM,
};

struct part {
	enum part_kind kind;
	const char *name;                     /* for people: "root", "services/nginx" */
	const struct config_container *entry; /* PART_CONTAINER */
	const struct image *image;            /* PART_CONTAINER, PART_VOLUME; NULL: no files */
	struct bundle *container;             /* PART_CONTAINER; owned */
	const struct config_volume *volume;   /* PART_VOLUME */
	struct image_layout *layout;          /* PART_VOLUME or NULL; owned */
	char *prefix;                         /* PART_VOLUME: of the files; owned */
	bool unchanged; /* it is in the earlier tar; it may lack image, container and layout then */
};

struct plan_options {
	bool decompress_kernel;
	bool strict;      /* what images' labels give themselves is an error */
	const char *sbom; /* its path in the OS; NULL: none */
	int64_t sbom_time;
	const char *input_tar;          /* NULL, or an earlier build's */
	struct compression compression; /* of the initrd */
};

/* What is taken from an earlier tar; the arrays go with the configuration's. */
struct plan_unchanged {
	bool boot, root, *containers, *volumes;
};

struct plan {
	const struct config *config;
	struct plan_options options;
	struct store *store;
	struct earlier *earlier; /* or NULL */
	struct plan_unchanged unchanged;
	struct resolve_options images_from;
	struct plan_kernel kernel;
	struct config_image_use *uses; /* of images, without doubles */
	struct image **images;         /* for each use */
	size_t n_images;
	struct part *parts;
	size_t n;
};

/*
 * Find every image, make every bundle's files. All that is wrong comes as one list of
 * errors. c and the store must outlive the plan.
 */
int plan_make(struct plan **ret, const struct config *c, const struct resolve_options *images,
	const struct plan_options *options, struct werr **err);
/* Look into the kernel's image, for who encodes boot/ or the root. What it lacks is an error. */
int plan_load_kernel(struct plan *p, struct werr **err);
void plan_free(struct plan *p);
DEFINE_CLEANUP(struct plan *, plan_free, plan)

/* The image of a reference in the configuration; in a finished plan NULL only when no part needs
 * it. */
const struct image *plan_image(const struct plan *p, const char *reference);

/* Where a part puts the files of its image; NULL: it has none, or shares those of an earlier part.
 */
const char *part_files_dir(const struct part *part);

/* What a part consists of: two trees, of which the second may be missing. */
struct part_content {
	struct meter *meter; /* set by who asks for the content; or NULL */
	struct compression compression;
	struct tree *tree;    /* paths from the OS's root */
	struct tree *files;   /* an image's files, to be put at prefix; or NULL */
	const char *prefix;   /* files NULL: what is there in tree is the image's files */
	char *own_prefix;     /* owned; or NULL */
	bool explicit_only;   /* the tree is an earlier archive's, which had no entries for some
			       * folders
			       */
	bool without_folders; /* those above its files are in earlier parts, or nowhere */
	/*
	 * For a tar in which each name comes once. dir: NULL, or the folder above which all are the
	 * root's; in the root itself has_boot: boot/ is another part's, and sbom: NULL, or the path
	 * that is.
	 */
	struct {
		bool wanted, has_boot;
		const char *dir, *sbom;
	} once;
	bool with_root; /* tree's root is an entry too, and says what the OS's root is like */
	/* By the nodes' origin: the image as the YAML names it, and the place there, "services[2]".
	 */
	struct archive_origin *origins;
	size_t n_origins, cap_origins;
};
int part_load(
	const struct plan *p, const struct part *part, struct part_content *ret, struct werr **err);
void part_content_cleanup(struct part_content *c);

#endif
