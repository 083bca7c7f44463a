/* SPDX-License-Identifier: Apache-2.0 */
/* An image's configuration: image-spec config.md. */
#ifndef WHERRY_OCI_IMAGE_CONFIG_H
#define WHERRY_OCI_IMAGE_CONFIG_H

#include "base/str.h"
#include "data/node.h"
#include "oci/manifest.h"

enum { IMAGE_CONFIG_SIZE_MAX = 4 << 20 };

/* What Docker gives to containers whose image has no PATH. */
#define IMAGE_DEFAULT_PATH "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* The label that lists the packages which a component image was made of: pkg/record.h. */
#define IMAGE_LABEL_PACKAGES "dev.wherry.packages"

/* How the image's author has it checked whether a container is well: Docker's HEALTHCHECK. */
struct image_health {
	struct strv command; /* empty: it is not checked */
	/* In milliseconds; Docker's defaults are filled in. */
	uint64_t interval, timeout, start_period;
	uint64_t retries; /* failures in a row that make it unhealthy */
};

struct image_config {
	struct platform platform;
	char *created; /* RFC 3339, or NULL */
	char *author;  /* or NULL */
	struct strv entrypoint, cmd, env;
	char *working_dir, *user, *stop_signal; /* or NULL */
	struct strv exposed_ports;              /* "80/tcp" */
	struct strv volumes;                    /* paths that the image keeps data below */
	struct image_health health;
	struct annotation *labels; /* sorted by key when written */
	size_t n_labels;
	struct strv diff_ids; /* of the layers, uncompressed */
};

int image_config_parse(const char *name, const char *text, size_t size, struct image_config **ret,
	struct werr **err);
void image_config_free(struct image_config *c);
DEFINE_CLEANUP(struct image_config *, image_config_free, image_config)
/*
 * Return the configuration as JSON, owned by the caller. The same configuration gives the same
 * bytes.
 */
char *image_config_write(const struct image_config *c, size_t *ret_size);

const char *image_config_label(const struct image_config *c, const char *key); /* or NULL */
void image_config_set_label(struct image_config *c, const char *key, const char *value);

#endif
