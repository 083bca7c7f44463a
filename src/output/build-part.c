/* SPDX-License-Identifier: Apache-2.0 */
#include "output/build-part.h"

#include <stdlib.h>

#include "archive/roll.h"
#include "base/mem.h"
#include "base/str.h"

/* As for outputs: what has so many holes takes minutes. */
static int hash_piece(const struct piece *piece, char ret[static SHA256_HEX + 1], struct werr **err)
{
	CLEANUP(reader) struct reader *from = pieces_open_one(piece);
	CLEANUP(sha256) struct sha256 *hash = sha256_new();
	CLEANUP(writer) struct writer *to = sha256_writer_new(NULL, hash);
	int r = piece->size > SHA256_HOLES_MAX ? 0 : io_copy(from, to, NULL, err);

	if (r == 0 && piece->size <= SHA256_HOLES_MAX)
		sha256_hex(hash, ret);
	return r;
}

static int add_pieces(const struct pieces *pieces, const struct pieces_options *wanted, size_t part,
	struct build_part *ret, struct werr **err)
{
	int r = 0;

	ret->pieces = mem_new_array(struct build_piece, wanted->n);
	for (size_t i = 0; r == 0 && i < wanted->n; i++) {
		const struct encoding *e = wanted->encodings[i];
		const struct piece *piece = encoding_is_in_outputs(e) && !e->is_whole
						    ? pieces_of_part(pieces, part, e)
						    : NULL;
		struct build_piece *to = &ret->pieces[ret->n_pieces];

		if (!piece)
			continue;
		*to = (struct build_piece){.encoding = e->name, .size = piece->size};
		ret->n_pieces++;
		r = hash_piece(piece, to->sha256, err);
	}
	return r;
}

int build_part_describe(const struct pieces *pieces, const struct pieces_options *wanted, size_t i,
	bool hash, struct build_part *ret, struct werr **err)
{
	const struct piece *sheet = pieces_of_part(pieces, i, &encoding_sheet);
	struct roll_sums sums = {0};

	ret->size = pieces_part_size(pieces, i, &ret->kept);
	ret->is_known = sheet && roll_read_sums(sheet->fd, sheet->size, &sums);
	ret->files = sums.files;
	ret->unpacked = sums.size;
	(void)pieces_key_of(pieces, i, &encoding_sheet, &ret->sheet);
	(void)pieces_key_of(pieces, i, &encoding_initrd, &ret->initrd);
	return hash ? add_pieces(pieces, wanted, i, ret, err) : 0;
}

void build_part_cleanup(struct build_part *p)
{
	free(p->name);
	free(p->pieces);
	*p = (struct build_part){0};
}
