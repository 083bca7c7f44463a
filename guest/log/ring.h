/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The last lines of a container in a fixed amount of memory: an unnamed file (memfd_create(2)), of
 * which PID 1 keeps a descriptor, so that it outlives the supervisor. New lines replace the oldest.
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
	uint64_t ms; /* uptime_ms() when it was written */
	bool more;   /* the line continues in the next record */
	size_t size;
	char text[RING_LINE_MAX + 1];
};

/* Create one for size bytes of lines, clamped to the bounds and rounded up to a power of two. */
int ring_new(struct ring *ret, size_t size, struct werr **err);
/* Map an existing one; fd is taken over, also on failure. WERR_CORRUPT when it is not one. */
int ring_attach(struct ring *ret, int fd, struct werr **err);
void ring_close(struct ring *r);

/* At most RING_LINE_MAX bytes, without the newline. */
void ring_add(struct ring *r, uint64_t ms, const char *text, size_t size, bool more);
/* The buffer for an unfinished line: RING_LINE_MAX bytes, *size of them used. */
char *ring_pending(struct ring *r, size_t **size);
/* How many lines the file of the log lacks, for who writes it. */
uint32_t *ring_lost(struct ring *r);

/*
 * A cursor counts all bytes ever written; 0 is the beginning. Get the line at the cursor and
 * advance it, skipping lines that have been overwritten; false: there is none yet.
 */
bool ring_peek(const struct ring *r, uint64_t *cursor,
	uint64_t *ret_ms); /* only the time; does not advance */
bool ring_next(const struct ring *r, uint64_t *cursor, struct ring_line *ret);
/* The cursor of the next line to come. */
uint64_t ring_end(const struct ring *r);
/* The cursor of the last n lines, or of all there are, but of none before `from`. */
uint64_t ring_last(const struct ring *r, unsigned n, uint64_t from);

#endif
