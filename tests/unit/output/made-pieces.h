/* SPDX-License-Identifier: Apache-2.0 */
/* Pieces that are made by hand, of so many bytes. */
#ifndef WHERRY_TESTS_UNIT_OUTPUT_MADE_PIECES_H
#define WHERRY_TESTS_UNIT_OUTPUT_MADE_PIECES_H

#include "../check.h"

#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "output/format.h"
#include "output/pieces-impl.h"

enum { MADE_ROWS_MAX = 4, MADE_PARTS = 3, NONE = -1 };

/* Of a configuration that says nothing. */
struct made_pieces {
	struct config config;
	struct plan plan;
	struct pieces pieces;
	struct piece items[MADE_ROWS_MAX][MADE_PARTS];
};

static inline void made_pieces_cleanup(struct made_pieces *m)
{
	for (size_t i = 0; i < m->pieces.options.n; i++)
		for (size_t j = 0; j < MADE_PARTS; j++)
			piece_cleanup(&m->items[i][j]);
}

/* For one that is {.config = ...} so far. */
static inline void made_pieces_init(struct made_pieces *m, enum codec codec)
{
	m->plan.config = &m->config;
	m->plan.options.compression.codec = codec;
	m->pieces.plan = &m->plan;
}

/* A job with them, of a format whose root is in its initrd. */
static inline struct output_job made_job(const struct made_pieces *m)
{
	return (struct output_job){.plan = &m->plan, .pieces = &m->pieces, .root = &root_initrd};
}

/* So many bytes of a letter; NONE: there is no such piece. */
static inline struct piece make_piece(int size, char letter)
{
	struct piece piece = {.fd = -1};
	struct werr *err = NULL;

	if (size == NONE)
		return piece;
	assert_ok(file_open_unnamed("/tmp", &piece.fd, &err), err);
	for (int i = 0; i < size; i++)
		assert_int_equal(fd_write_all(piece.fd, &letter, 1), 0);
	piece.size = (uint64_t)size;
	return piece;
}

/* The pieces of an encoding, with letters from this one on. */
static inline void make_pieces(
	struct made_pieces *m, const struct encoding *e, const int sizes[MADE_PARTS], char letter)
{
	size_t row = m->pieces.options.n++;

	assert_true(row < MADE_ROWS_MAX);
	for (size_t i = 0; i < MADE_PARTS; i++)
		m->items[row][i] = make_piece(sizes[i], (char)(letter + (char)i));
	m->pieces.rows[row] =
		(struct pieces_row){.encoding = e, .pieces = m->items[row], .n = MADE_PARTS};
}

#endif
