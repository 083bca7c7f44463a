/* SPDX-License-Identifier: Apache-2.0 */
#include "look/places.h"

#include <stdlib.h>
#include <string.h>

#include "archive/fill.h"
#include "base/mem.h"
#include "base/pool.h"
#include "base/str.h"
#include "look/look-impl.h"

void look_sources_clear(struct look_sources *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->items[i].files);
	free(s->items);
	free(s->places);
	free(s->hashes);
	*s = (struct look_sources){0};
}

struct look_source *look_sources_add(
	struct look_sources *s, struct bytes *bytes, uint64_t at, uint64_t size, bool is_archive)
{
	mem_grow(&s->items, s->n, &s->cap, sizeof(*s->items));
	s->items[s->n] = (struct look_source){
		.bytes = bytes, .at = at, .size = size, .is_archive = is_archive};
	return &s->items[s->n++];
}

/* Of more than a tree can have the places are not known. */
void look_sources_note(struct look_sources *s, uint64_t file)
{
	struct look_source *last = &s->items[s->n - 1];

	if (s->noted >= TREE_NODES_MAX)
		return;
	s->noted++;
	if (file > TREE_NODES_MAX)
		file = 0;
	for (; file && s->n_places <= file; s->n_places++) {
		mem_grow(&s->places, s->n_places, &s->cap_places, sizeof(*s->places));
		s->places[s->n_places] = (struct look_place){0};
	}
	if (file)
		s->places[file] = (struct look_place){(uint32_t)s->n, last->n, 0};
	mem_grow(&last->files, last->n, &last->cap, sizeof(*last->files));
	last->files[last->n++] = file;
}

/* NULL: not known. */
static struct look_place *place_of(const struct look_sources *s, const struct tree_node *n)
{
	struct look_place *p =
		n->file && n->file->id < s->n_places ? &s->places[n->file->id] : NULL;

	return p && p->source ? p : NULL;
}

bool look_is_same(const struct look *a, const struct tree_node *x, const struct look *b,
	const struct tree_node *y)
{
	const struct look_place *p = place_of(&a->sources, x), *q = place_of(&b->sources, y);
	const struct digest *id, *other;

	if (!p || !q || p->entry != q->entry)
		return false;
	id = &a->sources.items[p->source - 1].id;
	other = &b->sources.items[q->source - 1].id;
	return *id->text && digest_eq(id, other);
}

/* ---- hashes ---- */

bool look_want(struct look *l, const struct tree_node *n)
{
	struct look_sources *s = &l->sources;
	struct look_place *p = place_of(s, n);

	if (!p)
		return false;
	s->items[p->source - 1].is_wanted = true;
	if (p->hash)
		return true;
	mem_grow(&s->hashes, s->n_hashes, &s->cap_hashes, sizeof(*s->hashes));
	s->hashes[s->n_hashes++] = (struct look_hash){""};
	p->hash = (uint32_t)s->n_hashes;
	return true;
}

const char *look_hash(const struct look *l, const struct tree_node *n)
{
	const struct look_place *p = place_of(&l->sources, n);
	const char *hash = p && p->hash ? l->sources.hashes[p->hash - 1].sha256 : "";

	return *hash ? hash : NULL;
}

struct hashing {
	const struct look_sources *sources;
	const struct look_source *source;
	uint32_t entry;
};

/* A fill_visit. */
static int hash_entry(ATTR_UNUSED const struct fill_entry *e, struct reader *content, void *ctx,
	struct werr **err)
{
	struct hashing *h = ctx;
	uint32_t i = h->entry++;
	uint64_t file = i < h->source->n ? h->source->files[i] : 0;
	uint32_t number = file ? h->sources->places[file].hash : 0;
	CLEANUP(sha256) struct sha256 *hash = NULL;
	CLEANUP(writer) struct writer *to = NULL;
	int r;

	if (!number || !content)
		return 0;
	hash = sha256_new();
	to = sha256_writer_new(NULL, hash);
	r = io_copy(content, to, NULL, err);
	sha256_hex(hash, h->sources->hashes[number - 1].sha256);
	return r;
}

/* A pool_job. */
static int hash_source(void *ctx, size_t i, struct werr **err)
{
	const struct look_sources *s = ctx;
	const struct look_source *source = &s->items[i];
	struct hashing h = {s, source, 0};
	CLEANUP(reader) struct reader *all = NULL;

	if (!source->is_wanted)
		return 0;
	if (source->is_archive)
		return look_read_unit(source->bytes, source->at, source->size, hash_entry, &h, err);
	all = bytes_reader_new(source->bytes, source->at, source->size);
	return hash_entry(NULL, all, &h, err);
}

int look_hash_wanted(struct look *l, struct werr **err)
{
	return pool_run(0, l->sources.n, hash_source, &l->sources, err);
}
