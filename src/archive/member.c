/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes of a member. */
#include "base/cancel.h"
#include "archive/archive-impl.h"

int member_write(struct writer *to, const struct archive_member *e, struct reader *content,
	char *chunk, struct werr **err)
{
	uint64_t done = 0;

	for (;;) {
		size_t got = 0;
		int r = cancel_check(err);

		if (r == 0 && content)
			r = reader_read(content, chunk, IO_CHUNK, &got, err);
		if (r < 0)
			return r;
		if (got == 0)
			break;
		if (got > e->size - done)
			return werr_set(err, WERR_CORRUPT, "%s has more than its %llu bytes",
				e->path, (unsigned long long)e->size);
		r = writer_write(to, chunk, got, err);
		if (r < 0)
			return r;
		done += got;
	}
	if (done < e->size)
		return werr_set(err, WERR_CORRUPT, "%s has %llu bytes instead of %llu", e->path,
			(unsigned long long)done, (unsigned long long)e->size);
	return 0;
}
