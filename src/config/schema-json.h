/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of schema.h as a JSON Schema (draft-07, which editors know best), so that editors
 * complete and check YAML files. */
#ifndef WHERRY_CONFIG_SCHEMA_JSON_H
#define WHERRY_CONFIG_SCHEMA_JSON_H

#include "data/json.h"

/*
 * Write it as one JSON object. It accepts all that the parser accepts; what takes more than types,
 * words and patterns to find (names that refer to others, say) is the parser's business alone.
 */
void schema_write_json(struct json_writer *w);

#endif
