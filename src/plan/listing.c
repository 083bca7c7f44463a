/* SPDX-License-Identifier: Apache-2.0 */
/*
 * As a piece: for each program, and etc/os-release, its path, NUL, NUL; for each symlink its path,
 * NUL, its target, NUL.
 */
#include "plan/listing.h"

#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "contract/paths.h"
#include "hash/sha256-fields.h"
#include "store/piece.h"

enum { LISTING_MAX = 64 << 20, LISTING_FORM = 2 };

static void key_of(const struct image *image, struct digest *ret)
{
	CLEANUP(sha256) struct sha256 *h = sha256_new();
	char hex[SHA256_HEX + 1];

	sha256_add_text(h, "listing");
	sha256_add_number(h, LISTING_FORM);
	sha256_add_number(h, image->manifest->n);
	for (size_t i = 0; i < image->manifest->n; i++)
		sha256_add_text(h, image->manifest->items[i].digest.text);
	sha256_hex(h, hex);
	digest_from_hex(hex, ret);
}

static bool is_program(const struct tree_node *n)
{
	return S_ISREG(n->meta.mode) && (n->meta.mode & (S_IXUSR | S_IXGRP | S_IXOTH));
}

/* A tree_visit. */
static int add_node(struct tree_node *n, const char *path, void *ctx, struct werr **err)
{
	struct writer *to = ctx;
	const char *target = S_ISLNK(n->meta.mode) ? n->target : "";
	int r;

	if (!S_ISLNK(n->meta.mode) && !is_program(n) && !str_eq(path, OS_RELEASE))
		return 0;
	r = writer_write(to, path, strlen(path) + 1, err);
	return r < 0 ? r : writer_write(to, target, strlen(target) + 1, err);
}

void listing_keep(struct store *s, const struct image *image, const struct tree *t)
{
	CLEANUP(piece_writer) struct piece_writer *w = NULL;
	CLEANUP(werr) struct werr *why = NULL;
	CLEANUP(piece) struct piece piece = {.fd = -1};
	struct digest key;
	int r;

	key_of(image, &key);
	if (store_find_piece(s, &key, &piece))
		return;
	r = store_new_piece(s, &key, &w, &why);
	if (r == 0)
		r = tree_walk(t, add_node, piece_writer_stream(w), &why);
	if (r == 0)
		piece_writer_finish(w, true, true, &piece);
	else
		log_info("the list of programs of %s is not kept: %s", image->name, why->message);
}

static int put(struct tree *t, const char *path, const char *target, struct werr **err)
{
	const struct tree_meta meta = {.mode = *target ? S_IFLNK | 0777 : S_IFREG | 0755};

	return tree_put(t, path, &meta, *target ? target : NULL, NULL, NULL, NULL, err);
}

static int parse(const char *text, size_t size, struct tree **ret, struct werr **err)
{
	CLEANUP(tree) struct tree *t = NULL;
	const char *end = text + size;
	int r = tree_new(&t, NULL, err);

	while (r == 0 && text < end) {
		const char *target = memchr(text, 0, (size_t)(end - text));
		const char *last =
			target ? memchr(target + 1, 0, (size_t)(end - target - 1)) : NULL;

		if (!last)
			return werr_set(err, WERR_CORRUPT, "a list of programs is cut");
		r = put(t, text, target + 1, err);
		text = last + 1;
	}
	if (r == 0)
		*ret = STEAL(t);
	return r;
}

bool listing_find(struct store *s, const struct image *image, struct tree **ret)
{
	CLEANUP(piece) struct piece piece = {.fd = -1};
	CLEANUP(reader) struct reader *from = NULL;
	CLEANUP(free) char *text = NULL;
	struct digest key;
	size_t size;

	key_of(image, &key);
	if (!store_find_piece(s, &key, &piece) || piece.fd < 0)
		return false;
	from = fd_range_reader_new(piece.fd, "a list of programs", 0, piece.size);
	return reader_read_all(from, LISTING_MAX, &text, &size, NULL) == 0 &&
	       parse(text, size, ret, NULL) == 0;
}
