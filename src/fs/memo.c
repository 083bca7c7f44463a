/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Images share layers, and so parts share bytes. Each part is packed as if it were alone, so that
 * it can be kept; but what another one has compressed is copied from there.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/endian.h"
#include "base/mem.h"
#include "fs/fs-impl.h"

enum {
	SMALLEST = 16 << 10, /* copying less than that takes as long as compressing it */
	ENTRIES_MAX = 1 << 18
};

struct entry {
	const struct packed_format *format;
	unsigned char digest[SHA256_SIZE];
	uint64_t at;
	int fd;                                           /* one of fds */
	uint32_t size, stored, tail_size, units, n_units; /* size: size_key */
};

struct packed_memo {
	pthread_mutex_t lock;
	struct entry *entries;
	size_t n, cap;
	uint32_t *table; /* of indexes + 1; twice as large as entries at least */
	size_t table_size;
	uint32_t *units;
	size_t n_units, cap_units;
	int *fds; /* stay open when a part has failed and its own is closed */
	size_t n_fds, cap_fds;
	struct fs_compressors *compressors;
};

struct packed_memo *packed_memo_new(unsigned threads)
{
	struct packed_memo *m = mem_new(struct packed_memo);

	pthread_mutex_init(&m->lock, NULL);
	m->table_size = 1 << 10;
	m->table = mem_new_array(uint32_t, m->table_size);
	m->compressors = fs_compressors_new(threads);
	return m;
}

struct fs_compressors *packed_memo_compressors(const struct packed_memo *m)
{
	return m->compressors;
}

void packed_memo_free(struct packed_memo *m)
{
	for (size_t i = 0; i < m->n_fds; i++)
		close(m->fds[i]);
	pthread_mutex_destroy(&m->lock);
	fs_compressors_free(m->compressors);
	free(m->fds);
	free(m->units);
	free(m->table);
	free(m->entries);
	free(m);
}

/* A file's only segment may be compressed in another way than one of several. */
static uint32_t size_key(const struct fs_segment *s)
{
	return s->size | (s->is_first && s->is_last ? (uint32_t)1 << 31 : 0);
}

/* Where an entry is in the table, or would be. */
static uint32_t *slot_of(const struct packed_memo *m, const struct packed_format *f,
	const unsigned char *digest, uint32_t size)
{
	size_t i = (size_t)le64_get(digest) & (m->table_size - 1);

	for (; m->table[i]; i = (i + 1) & (m->table_size - 1)) {
		const struct entry *e = &m->entries[m->table[i] - 1];

		if (e->format == f && e->size == size &&
			memcmp(e->digest, digest, SHA256_SIZE) == 0)
			break;
	}
	return &m->table[i];
}

static bool copy_entry(struct packed_memo *m, const struct packed_format *f, struct fs_segment *s,
	struct entry *ret)
{
	const struct entry *e;
	uint32_t *slot;

	pthread_mutex_lock(&m->lock);
	slot = slot_of(m, f, s->digest, size_key(s));
	if (*slot) {
		e = &m->entries[*slot - 1];
		*ret = *e;
		s->n_units = e->n_units;
		memcpy(s->units, m->units + e->units, e->n_units * sizeof(*s->units));
	}
	pthread_mutex_unlock(&m->lock);
	return *slot != 0;
}

bool fs_segment_is_large(const struct fs_segment *s)
{
	return s->size >= SMALLEST && !s->is_zero;
}

bool packed_memo_find(struct packed_memo *m, const struct packed_format *f, struct fs_segment *s)
{
	struct entry e = {0};

	if (!m || !fs_segment_is_large(s) || !copy_entry(m, f, s, &e))
		return false;
	s->stored = e.stored;
	s->tail_size = e.tail_size;
	return fd_read_at(e.fd, "", e.at, s->out, e.stored + e.tail_size, NULL) == 0;
}

int packed_memo_file(struct packed_memo *m, int fd)
{
	int own = m && fd >= 0 ? fcntl(fd, F_DUPFD_CLOEXEC, 0) : -1;

	if (own < 0)
		return -1;
	pthread_mutex_lock(&m->lock);
	mem_grow(&m->fds, m->n_fds, &m->cap_fds, sizeof(*m->fds));
	m->fds[m->n_fds++] = own;
	pthread_mutex_unlock(&m->lock);
	return own;
}

static void grow_table(struct packed_memo *m)
{
	free(m->table);
	m->table_size *= 4;
	m->table = mem_new_array(uint32_t, m->table_size);
	for (size_t i = 0; i < m->n; i++)
		*slot_of(m, m->entries[i].format, m->entries[i].digest, m->entries[i].size) =
			(uint32_t)i + 1;
}

static void add_entry(struct packed_memo *m, const struct packed_format *f,
	const struct fs_segment *s, int fd, uint64_t at)
{
	struct entry *e;
	uint32_t *slot;

	if (m->n == ENTRIES_MAX || *slot_of(m, f, s->digest, size_key(s)))
		return;
	if ((m->n + 1) * 2 > m->table_size)
		grow_table(m);
	slot = slot_of(m, f, s->digest, size_key(s));
	mem_grow(&m->entries, m->n, &m->cap, sizeof(*m->entries));
	e = &m->entries[m->n++];
	*e = (struct entry){.format = f,
		.at = at,
		.fd = fd,
		.size = size_key(s),
		.stored = s->stored,
		.tail_size = s->tail_size,
		.units = (uint32_t)m->n_units,
		.n_units = s->n_units};
	memcpy(e->digest, s->digest, SHA256_SIZE);
	*slot = (uint32_t)m->n;
	for (uint32_t i = 0; i < s->n_units; i++) {
		mem_grow(&m->units, m->n_units, &m->cap_units, sizeof(*m->units));
		m->units[m->n_units++] = s->units[i];
	}
}

void packed_memo_add(struct packed_memo *m, const struct packed_format *f,
	const struct fs_segment *s, int fd, uint64_t at)
{
	if (!m || fd < 0 || !fs_segment_is_large(s))
		return;
	pthread_mutex_lock(&m->lock);
	add_entry(m, f, s, fd, at);
	pthread_mutex_unlock(&m->lock);
}
