/* SPDX-License-Identifier: Apache-2.0 */
/* YAML to nodes; what was read is written as JSON, which must be read again. */
#include <stdint.h>
#include <stdlib.h>

#include "data/json.h"
#include "data/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(document) struct document *d = NULL;
	CLEANUP(werr) struct werr *err = NULL;
	CLEANUP(buf) struct buf out = BUF_INIT(64 << 20);
	struct json_writer w = JSON_WRITER(&out, 0);

	if (yaml_parse("fuzz.yml", (const char *)data, size, &d, &err) < 0) {
		if (!err)
			abort();
		return 0;
	}
	json_node(&w, d->root);
	return 0;
}
