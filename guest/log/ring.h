/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The last lines that a container wrote, in a piece of memory of fixed size. It is a file without a
 * name (memfd_create(2)), of which PID 1 has a descriptor too, so that it outlives the supervisor.
 * The oldest lines make room for new ones.
 */
#ifndef WHERRY_GUEST_RING_H
#define WHERRY_GUEST_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "contract/wherry.h"

enum {
	RING_LINE_MAX = 1024,
	RING_SIZE_MIN = WHERRY_LOG_SIZE_MIN,
	RING_SIZE_MAX = WHERRY_LOG_SIZE_MAX
};

struct ring_head;
struct ring {
	int fd; /* -1: none */
	struct ring_head *head;
	size_t mapped;
};
#define RING_NONE ((struct ring){.fd = -1})

struct ring_line {
	uint64_t ms; /* uptime_ms() when it came */
	bool more;   /* the line goes on in the next one */
	size_t size;
	char text[RING_LINE_MAX + 1];
};

/* Room for size bytes of lines, put between the bounds and up to a power of two. */
int ring_new(struct ring *ret, size_t size, struct werr **err);
/* From the descriptor of an earlier one, which is taken over, also on failure. WERR_CORRUPT when it
 * makes no sense. */
int ring_attach(struct ring *ret, int fd, struct werr **err);
void ring_close(struct ring *r);

/* At most RING_LINE_MAX bytes, without the newline. */
void ring_add(struct ring *r, uint64_t ms, const char *text, size_t size, bool more);
/* Where a line that is not finished is kept: RING_LINE_MAX bytes, *size of them used. */
char *ring_pending(struct ring *r, size_t **size);

/*
 * A cursor is a number of bytes that ever came; 0 is the beginning. The line there, and the cursor
 * moves on; false: there is none yet. Lines that were overwritten are passed over.
 */
bool ring_peek(const struct ring *r, uint64_t *cursor,
	uint64_t *ret_ms); /* its time alone; the cursor stays there */
bool ring_next(const struct ring *r, uint64_t *cursor, struct ring_line *ret);
/* The cursor of what comes next. */
uint64_t ring_end(const struct ring *r);
/* The cursor from which on there are n lines, or all of them, but none from before `from`. */
uint64_t ring_last(const struct ring *r, unsigned n, uint64_t from);

#endif
