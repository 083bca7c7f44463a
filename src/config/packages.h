/* SPDX-License-Identifier: Apache-2.0 */
/* "@pkg:" in a document: from the names of packages to their images. */
#ifndef WHERRY_CONFIG_PACKAGES_H
#define WHERRY_CONFIG_PACKAGES_H

#include "config/check.h"
#include "config/config.h"

/* Each "@pkg:" becomes the package's image, and c->packages gets the package. */
void packages_resolve(struct config *c, struct document *d, struct checker *checker,
	const struct config_options *options);

#endif
