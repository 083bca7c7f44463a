/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of keys as a JSON Schema (draft-07). */
#ifndef WHERRY_PKG_YML_SCHEMA_H
#define WHERRY_PKG_YML_SCHEMA_H

#include "data/json.h"
#include "pkg/yml-fields.h"

void yml_write_schema(struct json_writer *w, const struct yml_map *top);

#endif
