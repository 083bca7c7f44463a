/* SPDX-License-Identifier: Apache-2.0 */
/* What an image's label gives its container beyond the defaults. */
#ifndef WHERRY_BUNDLE_LABEL_GRANTS_H
#define WHERRY_BUNDLE_LABEL_GRANTS_H

#include "base/str.h"
#include "data/node.h"

/*
 * Adds what a label (NULL: none) gives that the entry (NULL: none) neither replaces nor accepts:
 * names as of grant_names, and a text for each.
 */
void label_grants_find(
	const struct node *label, const struct node *entry, struct strv *names, struct strv *texts);

#endif
