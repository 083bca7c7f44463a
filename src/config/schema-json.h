/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of schema.h as a JSON Schema (draft-07, which editors know best), so that editors
 * complete and check YAML files. */
#ifndef WHERRY_CONFIG_SCHEMA_JSON_H
#define WHERRY_CONFIG_SCHEMA_JSON_H

#include "config/schema.h"
#include "data/json.h"

/*
 * Write it as one JSON object. It accepts all that the parser accepts; mistakes that take more than
 * types, words and patterns to find (such as names that refer to others) are left to the parser.
 */
void schema_write_json(struct json_writer *w, const struct key_map *map, const char *title,
	const char *description);

/* Write definitions of what an image's label may have, for another schema: this one and its maps.
 */
#define SCHEMA_LABEL "config"
void schema_write_label(struct json_writer *w);

#endif
