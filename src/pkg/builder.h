/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programs that build images from Dockerfiles: buildah, podman, docker with buildx, buildctl. Each
 * is a row of one table: how it is found usable, and its argument lists. No shell is involved.
 */
#ifndef WHERRY_PKG_BUILDER_H
#define WHERRY_PKG_BUILDER_H

#include "base/progress.h"
#include "base/str.h"
#include "oci/digest.h"
#include "oci/platform.h"

/*
 * What is to be built. The builder runs in the directory `work`, and all paths are relative to it,
 * so that no character of them means anything to it.
 */
struct builder_job {
	const char *work;    /* absolute, and for this job alone */
	const char *context; /* a directory */
	const char *file;    /* the Dockerfile, beside it */
	const struct platform *platform;
	const struct strv *args, *labels; /* "NAME=VALUE" */
	const struct strv *ssh;           /* "default", "ID=SOCKET", as docker build has it */
	/* The manifests of the images that it names: OCI layouts in builder_layout(i). */
	const struct digest *images;
	size_t n_images;
	bool network;     /* RUN has the machine's network */
	bool no_cache;    /* the builder's own cache is not used */
	const char *name; /* of the package, for progress and errors */
	const struct progress *progress;
};

struct builder {
	const char *name;             /* of --builder */
	const char *package;          /* Debian's, or NULL */
	const char *const *probes[2]; /* argument lists that end with 0 when it can be used */
	/* What stands for image i in the Dockerfile is this and i + 1. */
	const char *image_prefix;
	const char *result; /* what it makes in `work`: an OCI layout, or an archive */
	void (*list)(const struct builder *b, const struct builder_job *j, struct strv *argv);
	/* What it does then; or NULL. */
	void (*list_save)(const struct builder *b, const struct builder_job *j, struct strv *argv);
	/* It has its images in `work`, and runs in the caller's namespaces: no daemon does it. */
	bool is_local;
};

extern const struct builder builders[];
extern const size_t n_builders;

/*
 * Find the builder of this name, or, if it is NULL, the first of the table that can be used.
 * WERR_USAGE: no such name; WERR_UNSUPPORTED, with what to install: it can't be used, or none can.
 */
int builder_find(const char *name, const struct builder **ret, struct werr **err);
/* The OCI layout of image i, and what stands for it in the Dockerfile; owned by the caller. */
char *builder_layout(size_t i);
char *builder_image_name(const struct builder *b, size_t i);
/* Build; b->result is then in j->work. WERR_FAILED with the builder's last line. */
int builder_run(const struct builder *b, const struct builder_job *j, struct werr **err);
/* Remove what it has left in j->work, of which much may belong to other ids than ours. */
int builder_clean(const struct builder *b, const struct builder_job *j, struct werr **err);

#endif
