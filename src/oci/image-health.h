/* SPDX-License-Identifier: Apache-2.0 */
/* HEALTHCHECK of an image; private to src/oci. */
#ifndef WHERRY_OCI_IMAGE_HEALTH_H
#define WHERRY_OCI_IMAGE_HEALTH_H

#include "oci/image-config.h"

/* process: the object "config" of the image's configuration; NULL: there is none. */
int image_health_parse(const struct node *process, struct image_health *h, struct werr **err);

#endif
