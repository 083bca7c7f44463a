/* SPDX-License-Identifier: Apache-2.0 */
/* A writer into memory, for tests. */
#ifndef WHERRY_TESTS_UNIT_BUF_WRITER_H
#define WHERRY_TESTS_UNIT_BUF_WRITER_H

#include "base/buf.h"
#include "base/io.h"

struct buf_writer {
	struct writer writer;
	struct buf *to;
	unsigned finished;
};

static inline int buf_writer_write(
	struct writer *w, const void *p, size_t size, ATTR_UNUSED struct werr **err)
{
	buf_add(CONTAINER_OF(w, struct buf_writer, writer)->to, p, size);
	return 0;
}

static inline int buf_writer_finish(struct writer *w, ATTR_UNUSED struct werr **err)
{
	CONTAINER_OF(w, struct buf_writer, writer)->finished++;
	return 0;
}

/* On the stack: nothing to free. */
#define BUF_WRITER(buf_) \
	((struct buf_writer){{buf_writer_write, buf_writer_finish, NULL}, (buf_), 0})

#endif
