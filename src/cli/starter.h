/* SPDX-License-Identifier: Apache-2.0 */
/* YAML files to start from, with places for what differs: the files in starters/. */
#ifndef WHERRY_CLI_STARTER_H
#define WHERRY_CLI_STARTER_H

#include "base/buf.h"
#include "oci/image-config.h"

struct starter {
	const char *name; /* "docker-image" */
	const char *text; /* with @PLACES@ */
	unsigned port;    /* that it serves; 0: none, or the image's */
	bool takes_image;
	/* Options of `wherry build` and of `wherry run qemu`, each with a space behind; or "". */
	const char *build, *run;
};

/* The one of this name, or NULL. */
const struct starter *starter_find(const char *name);
const char *const *starter_names(void); /* NULL ends them */

/* What the places of a starter become. */
struct starter_values {
	const struct starter *starter;
	const char *name;    /* of the OS */
	const char *file;    /* where the YAML is */
	const char *image;   /* NULL unless the starter takes one, like all that follows */
	const char *service; /* what the image's entry is called */
	const struct image_config *config;
};
/* Add the text of the starter. Whatever an image says cannot leave its comment. */
void starter_write(struct buf *out, const struct starter_values *v);

/*
 * The options of `wherry run qemu` by which the starter's port, or the first TCP port that the
 * image exposes, is reached from this machine: "--publish 8080:80 ", or "". Owned by the caller.
 */
char *starter_publish(const struct starter *s, const struct image_config *config);

#endif
