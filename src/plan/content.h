/* SPDX-License-Identifier: Apache-2.0 */
/* What a part consists of: file trees, and what their encoder has to know about them. */
#ifndef WHERRY_PLAN_CONTENT_H
#define WHERRY_PLAN_CONTENT_H

#include "archive/archive.h"
#include "base/str.h"
#include "codec/codec.h"
#include "plan/meter.h"
#include "tree/tree.h"

struct packed_memo;

/* The time that everything generated carries: LinuxKit's own. */
enum { BUILD_TIME = 1492533000 };

struct part_content {
	/* Set by the caller that asks for the content. */
	struct meter *meter;      /* or NULL */
	const char *spool_dir;    /* for an encoder's unnamed files */
	unsigned threads;         /* that an encoder may use; 0: one for each processor */
	int fd;                   /* what the encoder has written can be read from there */
	struct packed_memo *memo; /* NULL, or what encoders of all parts share: see fs/packed.h */

	struct compression compression;
	struct tree *tree;  /* paths from the OS's root */
	struct tree *files; /* NULL, or an image's files, which belong at prefix */
	/* With files NULL, the directory of `tree` that has the image's files; NULL: none. */
	const char *prefix;
	char *own_prefix;   /* owned; or NULL */
	bool explicit_only; /* implied directories had no entry in the earlier tar either */
	bool without_dirs;  /* the directories above its files are in earlier parts, or nowhere */
	/* For a tar in which each name appears once: names that another part has. */
	struct {
		bool wanted;
		bool has_boot;    /* boot/ */
		const char *dir;  /* the directories above this one; or NULL */
		const char *sbom; /* this path; or NULL */
	} once;
	bool with_root;    /* the tree's root is an entry, too, and describes the OS's root */
	bool with_records; /* a tar tells the origins */
	/* By the nodes' origin: the image as the YAML names it, the place there: "services[2]". */
	struct archive_origin *origins;
	size_t n_origins, cap_origins;
	/* What each build says of it to the user, also one that takes what is kept of it. */
	struct strv warnings;
	bool is_partial; /* something could not be read, and may be there for the next build */
};
void part_content_cleanup(struct part_content *c);

/* What is put into the content's trees from now on comes from there. All is copied. */
void part_content_set_origin(struct part_content *c, const char *source, const char *location);
/* The same for the index-th entry of a section. */
void part_content_set_origin_at(
	struct part_content *c, const char *source, const char *section, size_t index);
/* The same for an image, by its full name. */
void part_content_set_image(struct part_content *c, const char *image, const char *location);
void part_content_set_image_at(
	struct part_content *c, const char *image, const char *section, size_t index);

/*
 * Put a directory (0755), a file (0644) with a text, or a file with the bytes of a reader into a
 * tree; root's, with the build's time, and so are missing directories above them.
 */
int part_content_put_dir(struct tree *t, const char *path, struct werr **err);
int part_content_put_text(struct tree *t, const char *path, const char *text, struct werr **err);
int part_content_put_file(struct tree *t, const char *path, uint32_t mode, struct reader *bytes,
	struct tree_node **ret, struct werr **err);

#endif
