/* SPDX-License-Identifier: Apache-2.0 */
/* YAML to nodes: written as JSON and as YAML, they must read back as the same nodes. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "data/json.h"
#include "yaml/yaml-write.h"
#include "yaml/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must_be_same(const struct node *a, const struct node *b)
{
	int64_t x, y;

	if (a->kind != b->kind || a->n != b->n)
		abort();
	if (a->kind == NODE_SCALAR && node_scalar_type(a) != node_scalar_type(b))
		abort();
	if (a->kind == NODE_SCALAR && node_scalar_type(a) == SCALAR_TEXT &&
		(a->size != b->size || memcmp(a->text, b->text, a->size) != 0))
		abort();
	if (node_to_i64(a, &x) && (!node_to_i64(b, &y) || x != y))
		abort();
	for (size_t i = 0; i < a->n; i++)
		must_be_same(a->items[i], b->items[i]);
}

static void write_and_read_again(const struct node *n)
{
	CLEANUP(buf) struct buf out = BUF_INIT(64 << 20);
	CLEANUP(document) struct document *d = NULL;
	CLEANUP(werr) struct werr *err = NULL;

	if (yaml_write(n, &out, &err) < 0)
		return; /* aliases can expand beyond any limit */
	if (out.len <= YAML_SIZE_MAX &&
		yaml_parse("again.yml", buf_str(&out), out.len, &d, &err) < 0)
		abort();
	if (d)
		must_be_same(n, d->root);
}

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
	write_and_read_again(d->root);
	return 0;
}
