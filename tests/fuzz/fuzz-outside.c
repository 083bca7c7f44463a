/* SPDX-License-Identifier: Apache-2.0 */
/* Frames, which both the guest and the owner read, and what the owner reads of an answer. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "contract/outside.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void take_frame(void *ctx, char *line, size_t size)
{
	CLEANUP(outside_frame)
	struct outside_frame f = OUTSIDE_FRAME_INIT, again = OUTSIDE_FRAME_INIT;
	CLEANUP(buf) struct buf text = BUF_INIT(1 << 16);
	size_t *n = ctx;

	*n += 1;
	if (line[size] || !size || size > OUTSIDE_ANSWER_MAX)
		abort();
	if (!outside_frame_parse(line, size, &f))
		return;
	if (f.bytes.len > OUTSIDE_DATA_MAX || f.rows > OUTSIDE_SIZE_MAX)
		abort();
	if (f.kind > OUTSIDE_ERR)
		return;
	/* What is written is read as the same. */
	outside_frame_add_bytes(&text, f.kind, buf_str(&f.bytes), f.bytes.len);
	if (!outside_frame_parse(text.data, text.len - 1, &again) || again.kind != f.kind ||
		again.bytes.len != f.bytes.len ||
		memcmp(buf_str(&again.bytes), buf_str(&f.bytes), f.bytes.len) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(outside_reader)
	struct outside_reader whole = OUTSIDE_READER_INIT, parts = OUTSIDE_READER_INIT;
	CLEANUP(free) char *text = mem_dup(data, size);
	size_t n[2] = {0};

	/* As the corpus has it. */
	str_copy(whole.id, sizeof(whole.id), "1");
	str_copy(parts.id, sizeof(parts.id), "1");
	outside_reader_add(&whole, text, size, take_frame, &n[0]);
	for (size_t i = 0; i < size; i += 3)
		outside_reader_add(
			&parts, text + i, size - i < 3 ? size - i : 3, take_frame, &n[1]);
	if (n[0] != n[1] || whole.ended != parts.ended)
		abort();
	return 0;
}
