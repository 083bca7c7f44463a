/* SPDX-License-Identifier: Apache-2.0 */
#include "log/ring.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

enum { RING_MAGIC = 0x77726e67 };

struct record_head {
	uint64_t ms;
	uint16_t size;
	uint8_t more;
} __attribute__((packed));
enum { RECORD_HEAD = sizeof(struct record_head) };

/* Fields are written in an order that keeps the ring valid whenever the supervisor is killed. */
struct ring_head {
	uint32_t magic;
	uint32_t size;      /* of data: a power of two */
	uint64_t tail, end; /* cursors of the oldest record and after the newest */
	uint32_t lost;
	size_t pending_size;
	char pending[RING_LINE_MAX];
	char data[];
};

static int map(struct ring *r, size_t size, struct werr **err)
{
	void *p;

	r->mapped = sizeof(struct ring_head) + size;
	p = mmap(NULL, r->mapped, PROT_READ | PROT_WRITE, MAP_SHARED, r->fd, 0);
	if (p == MAP_FAILED)
		return werr_errno(err, errno, "can't map a log");
	r->head = p;
	return 0;
}

static void reset(struct ring *r, size_t size)
{
	*r->head = (struct ring_head){.magic = RING_MAGIC, .size = (uint32_t)size};
}

/* A power of two, so that offsets need only a mask. */
static size_t fitting(size_t size)
{
	size_t n = RING_SIZE_MIN;

	while (n < size && n < RING_SIZE_MAX)
		n *= 2;
	return n;
}

int ring_new(struct ring *ret, size_t size, struct werr **err)
{
	struct ring r = RING_NONE;
	int result;

	size = fitting(size);
	r.fd = memfd_create("log", MFD_CLOEXEC);
	if (r.fd < 0)
		return werr_errno(err, errno, "can't create a log");
	result = ftruncate(r.fd, (off_t)(sizeof(struct ring_head) + size)) < 0
			 ? werr_errno(err, errno, "can't create a log of %zu bytes", size)
			 : map(&r, size, err);
	if (result < 0) {
		ring_close(&r);
		return result;
	}
	reset(&r, size);
	*ret = r;
	return 0;
}

int ring_attach(struct ring *ret, int fd, struct werr **err)
{
	struct ring r = {.fd = fd};
	struct stat st;
	size_t size = 0;
	int result = 0;

	if (fstat(fd, &st) == 0 && st.st_size > (off_t)sizeof(struct ring_head))
		size = (size_t)st.st_size - sizeof(struct ring_head);
	if (size != fitting(size))
		result = werr_set(err, WERR_CORRUPT, "the log has a wrong size");
	if (result == 0)
		result = map(&r, size, err);
	if (result < 0) {
		ring_close(&r);
		return result;
	}
	if (r.head->magic != RING_MAGIC || r.head->size != size || r.head->tail > r.head->end ||
		r.head->end - r.head->tail > size || r.head->pending_size > RING_LINE_MAX)
		reset(&r, size);
	*ret = r;
	return 0;
}

void ring_close(struct ring *r)
{
	if (r->head)
		munmap(r->head, r->mapped);
	fd_cleanup(&r->fd);
	*r = RING_NONE;
}

/* How many of n bytes fit at *ret; the rest is at the beginning of data. */
static size_t place_of(struct ring_head *h, uint64_t at, size_t n, char **ret)
{
	size_t from = (size_t)at & (h->size - 1), room = h->size - from;

	*ret = h->data + from;
	return n < room ? n : room;
}

static void copy_in(struct ring_head *h, uint64_t at, const void *p, size_t n)
{
	char *place;
	size_t first = place_of(h, at, n, &place);

	memcpy(place, p, first);
	memcpy(h->data, (const char *)p + first, n - first);
}

static void copy_out(struct ring_head *h, uint64_t at, void *p, size_t n)
{
	char *place;
	size_t first = place_of(h, at, n, &place);

	memcpy(p, place, first);
	memcpy((char *)p + first, h->data, n - first);
}

/* The size of the record at a cursor, with its head; 0: it is corrupt. */
static size_t record_size(struct ring_head *h, uint64_t at)
{
	struct record_head head;

	copy_out(h, at, &head, sizeof(head));
	return head.size > RING_LINE_MAX || (uint64_t)RECORD_HEAD + head.size > h->end - at
		       ? 0
		       : (size_t)RECORD_HEAD + head.size;
}

static void make_room(struct ring_head *h, size_t n)
{
	while (h->end + n - h->tail > h->size) {
		size_t oldest = record_size(h, h->tail);

		h->tail = oldest ? h->tail + oldest : h->end;
	}
}

void ring_add(struct ring *r, uint64_t ms, const char *text, size_t size, bool more)
{
	struct ring_head *h = r->head;
	const struct record_head head = {ms, (uint16_t)size, more};

	if (!h || size > RING_LINE_MAX)
		return;
	make_room(h, RECORD_HEAD + size);
	/* The compiler must keep this order as well. */
	atomic_signal_fence(memory_order_seq_cst);
	copy_in(h, h->end, &head, sizeof(head));
	copy_in(h, h->end + RECORD_HEAD, text, size);
	atomic_signal_fence(memory_order_seq_cst);
	h->end += RECORD_HEAD + size;
}

char *ring_pending(struct ring *r, size_t **size)
{
	*size = &r->head->pending_size;
	return r->head->pending;
}

uint32_t *ring_lost(struct ring *r)
{
	return &r->head->lost;
}

/*
 * The size of the record at the cursor, which moves to the oldest record when its own has been
 * overwritten; 0: there is none.
 */
static size_t find(struct ring_head *h, uint64_t *cursor)
{
	if (!h)
		return 0;
	if (*cursor < h->tail || *cursor > h->end)
		*cursor = h->tail;
	return *cursor < h->end ? record_size(h, *cursor) : 0;
}

bool ring_peek(const struct ring *r, uint64_t *cursor, uint64_t *ret_ms)
{
	if (!find(r->head, cursor))
		return false;
	copy_out(r->head, *cursor, ret_ms, sizeof(*ret_ms));
	return true;
}

bool ring_next(const struct ring *r, uint64_t *cursor, struct ring_line *ret)
{
	struct ring_head *h = r->head;
	size_t size = find(h, cursor);
	struct record_head head;

	if (!size)
		return false;
	copy_out(h, *cursor, &head, sizeof(head));
	ret->ms = head.ms;
	ret->more = head.more;
	ret->size = size - RECORD_HEAD;
	copy_out(h, *cursor + RECORD_HEAD, ret->text, ret->size);
	ret->text[ret->size] = 0;
	*cursor += size;
	return true;
}

uint64_t ring_end(const struct ring *r)
{
	return r->head ? r->head->end : 0;
}

uint64_t ring_last(const struct ring *r, unsigned n, uint64_t from)
{
	struct ring_head *h = r->head;
	uint64_t first, at, lines = 0;
	size_t size;

	if (!h)
		return 0;
	first = from > h->tail && from <= h->end ? from : h->tail;
	for (at = first; at < h->end && (size = record_size(h, at)); at += size)
		lines++;
	for (at = first; lines > n && at < h->end && (size = record_size(h, at)); at += size)
		lines--;
	return at;
}
