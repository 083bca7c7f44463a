/* SPDX-License-Identifier: Apache-2.0 */
/* JSON to nodes and back: output must read back as the same nodes. */
#include <stdint.h>
#include <stdlib.h>

#include "base/str.h"
#include "data/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_document(const struct document *d, struct buf *out)
{
	struct json_writer w = JSON_WRITER(out, 0);

	json_node(&w, d->root);
	if (buf_error(out) < 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(document) struct document *d = NULL, *again = NULL;
	CLEANUP(werr) struct werr *err = NULL;
	CLEANUP(buf) struct buf first = BUF_INIT(64 << 20);
	CLEANUP(buf) struct buf second = BUF_INIT(64 << 20);

	if (json_parse("fuzz", (const char *)data, size, &d, &err) < 0) {
		if (!err)
			abort();
		return 0;
	}
	write_document(d, &first);
	if (json_parse("fuzz", buf_str(&first), first.len, &again, NULL) < 0)
		abort();
	write_document(again, &second);
	if (!str_eq(buf_str(&first), buf_str(&second)))
		abort();
	return 0;
}
