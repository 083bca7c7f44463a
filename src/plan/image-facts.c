/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/image-facts.h"

#include "base/log.h"
#include "base/mem.h"
#include "hash/sha256-fields.h"
#include "store/piece.h"

static void key_of(const struct image_facts *l, const struct image *image, struct digest *ret)
{
	CLEANUP(sha256) struct sha256 *h = sha256_new();
	char hex[SHA256_HEX + 1];

	sha256_add_text(h, l->name);
	sha256_add_number(h, l->form);
	sha256_add_number(h, image->manifest->n);
	for (size_t i = 0; i < image->manifest->n; i++)
		sha256_add_text(h, image->manifest->items[i].digest.text);
	sha256_hex(h, hex);
	digest_from_hex(hex, ret);
}

void facts_keep(const struct image_facts *l, struct store *s, const struct image *image,
	facts_write *write, void *ctx)
{
	CLEANUP(piece_writer) struct piece_writer *w = NULL;
	CLEANUP(werr) struct werr *why = NULL;
	CLEANUP(piece) struct piece piece = {.fd = -1};
	struct digest key;
	int r;

	key_of(l, image, &key);
	if (store_find_piece(s, &key, &piece))
		return;
	r = store_new_piece(s, &key, &w, &why);
	if (r == 0)
		r = write(piece_writer_stream(w), ctx, &why);
	if (r == 0)
		piece_writer_finish(w, true, true, &piece);
	else
		log_info("the %s of %s is not kept: %s", l->title, image->name, why->message);
}

bool facts_find(const struct image_facts *l, struct store *s, const struct image *image, char **ret,
	size_t *ret_size)
{
	CLEANUP(piece) struct piece piece = {.fd = -1};
	CLEANUP(reader) struct reader *from = NULL;
	struct digest key;

	key_of(l, image, &key);
	if (!store_find_piece(s, &key, &piece) || piece.fd < 0)
		return false;
	from = fd_range_reader_new(piece.fd, l->title, 0, piece.size);
	return reader_read_all(from, l->max, ret, ret_size, NULL) == 0;
}
