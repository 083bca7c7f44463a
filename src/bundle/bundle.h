/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From an entry of the configuration and its image to the bundle that crun runs: config.json of the
 * OCI runtime specification, and runtime.json (docs/runtime-json.md).
 */
#ifndef WHERRY_BUNDLE_BUNDLE_H
#define WHERRY_BUNDLE_BUNDLE_H

#include "base/str.h"
#include "config/config.h"
#include "oci/image-config.h"

enum { BUNDLE_IDS = 65536 }; /* ids of a container with `wherry.userns: auto` */

struct bundle {
	char *config_json; /* ends with a newline */
	/*
	 * The same for an image that has programs which give rights to whoever runs them
	 * (set-user-id, set-group-id, file capabilities); NULL: there is no difference.
	 */
	char *set_id_config_json;
	char *runtime_json; /* mounts, mkdir, cgroups, interfaces, bindNS, namespace, wherry */
	bool readonly;      /* the root; false: an overlay */
	/* To be added to the ids of the image's files, which are not shared then. */
	uint32_t id_base;
	/* The image's directories for data that are in the root, so what is written is not kept. */
	struct strv unkept;
	bool has_command; /* false: nothing says what to run, so it cannot start */
	/* Where the image's files go: DIR/rootfs (readonly) or DIR/lower; NULL: shared. */
	char *files_dir;
	struct strv dirs; /* further directories: DIR/rootfs, DIR/tmp */
	/*
	 * What the image's label gives beyond the defaults without the file's consent, and the
	 * words of `wherry.accept` for it.
	 */
	struct strv grants, grant_names;
};

/* Looks into an image. */
struct bundle_image_files {
	/*
	 * The text of a file, following links inside the image; NULL in *ret when there is no such
	 * file, or it is larger than max. Owned by the caller.
	 */
	int (*read)(const char *path, size_t max, char **ret, size_t *ret_size, void *ctx,
		struct werr **err);
	void *ctx;
};

/*
 * image: the configuration of the entry's image; its label org.mobyproject.config is merged below
 * the YAML's keys. files: needed when the image names a user, which counts unless the YAML or the
 * label gives a uid, or c->compat; NULL: no file is known. shared: NULL, or the directory that has
 * the files of this image already, being the files_dir of an earlier entry.
 */
int bundle_make(const struct config *c, const struct config_container *entry,
	const struct image_config *image, const struct bundle_image_files *files,
	const char *shared, struct bundle **ret, struct werr **err);
void bundle_free(struct bundle *b);
DEFINE_CLEANUP(struct bundle *, bundle_free, bundle)

/*
 * Adds what the label of an image gives its containers beyond the defaults; nothing when there is
 * no label, or it has mistakes.
 */
void bundle_image_grants(const struct image_config *image, struct strv *texts);

#endif
