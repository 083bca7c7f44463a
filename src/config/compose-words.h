/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of Docker Compose that users try: what stands for them here. */
#ifndef WHERRY_CONFIG_COMPOSE_WORDS_H
#define WHERRY_CONFIG_COMPOSE_WORDS_H

#include "config/schema.h"

/* The hint for an unknown key of a map; NULL: it is no word of Compose's there. */
const char *compose_word_hint(const struct key_map *map, const char *key);

#endif
