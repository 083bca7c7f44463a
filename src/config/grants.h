/* SPDX-License-Identifier: Apache-2.0 */
/* What an entry gives up of the defaults that separate a container from the machine. */
#ifndef WHERRY_CONFIG_GRANTS_H
#define WHERRY_CONFIG_GRANTS_H

#include <stdbool.h>

#include "config/check.h"

/* The words of `wherry.accept`; ends with NULL. */
extern const char *const grant_names[];
/* Is a key of grant_names in the entry's `wherry.accept`? */
bool grant_is_accepted(const struct node *entry, const char *key);
/* Warns of what an entry gives up. */
void grants_warn(struct checker *checker, const struct node *entry);

#endif
