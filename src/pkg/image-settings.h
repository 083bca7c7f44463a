/* SPDX-License-Identifier: Apache-2.0 */
/* From build.yml to how any engine runs the image. */
#ifndef WHERRY_PKG_IMAGE_SETTINGS_H
#define WHERRY_PKG_IMAGE_SETTINGS_H

#include "oci/image-config.h"
#include "pkg/build-yml.h"

/*
 * Set the entry point, command, variables (always with a PATH), user, directory and signal: those
 * of `entrypoint` and, as far as an image can have them, of `config`.
 */
void pkg_set_image(const struct pkg_yml *y, struct image_config *c);

#endif
