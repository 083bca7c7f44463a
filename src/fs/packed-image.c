/* SPDX-License-Identifier: Apache-2.0 */
/* Images: packed parts, the tree that they are merged into, and which of their files it still has.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cancel.h"
#include "base/endian.h"
#include "base/mem.h"
#include "base/str.h"
#include "fs/index.h"

int packed_image_new(const struct packed_format *f, const char *spool_dir, uint32_t time,
	struct packed_image **ret, struct werr **err)
{
	CLEANUP(packed_image) struct packed_image *i = mem_new(struct packed_image);
	int r = tree_new(&i->tree, spool_dir, err);

	i->format = f;
	i->spool_dir = str_dup(spool_dir);
	i->time = time;
	if (r == 0)
		*ret = STEAL(i);
	return r;
}

void packed_image_free(struct packed_image *i)
{
	if (!i)
		return;
	for (size_t p = 0; p < i->n_parts; p++) {
		fs_packed_cleanup(&i->parts[p].packed);
		free(i->parts[p].shared);
	}
	free(i->parts);
	free(i->slots);
	free(i->stored);
	free(i->spool_dir);
	if (i->tree)
		tree_free(i->tree);
	free(i);
}

struct tree *packed_image_tree(const struct packed_image *i)
{
	return i->tree;
}

/* Units are the format's: what lays them out trusts them. Of equal files only one is laid out. */
static bool is_sound(const struct packed_format *f, const struct fs_packed *p)
{
	for (size_t i = 0; i < p->n_files; i++) {
		const struct fs_file *file = &p->files[i];

		if (file->same == i && !f->is_sound(file, p->units + file->first_unit))
			return false;
	}
	return true;
}

int packed_image_add(struct packed_image *i, const struct io_range *packed,
	struct packed_content *ret, struct werr **err)
{
	CLEANUP(packed_content) struct packed_content content = {0};
	struct fs_part *part;
	int r;

	mem_grow(&i->parts, i->n_parts, &i->cap_parts, sizeof(*i->parts));
	part = &i->parts[i->n_parts++];
	part->piece = *packed;
	r = fs_index_read(
		packed, i->spool_dir, (uint32_t)i->n_parts - 1, &content, &part->packed, err);
	if (r == 0 && !is_sound(i->format, &part->packed))
		r = index_set_corrupt(err);
	if (r < 0)
		return r;
	*ret = content;
	content = (struct packed_content){0};
	return 0;
}

bool packed_holds_xattr(const struct packed_format *f, const char *name)
{
	return f->holds_xattr(name);
}

const struct packed_format *packed_format_find(const char *name)
{
	static const struct packed_format *const formats[] = {&packed_squashfs, &packed_erofs};

	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		if (str_eq(formats[i]->name, name))
			return formats[i];
	return NULL;
}

/* ---- which files there are ---- */

static int compare_slots(const void *a, const void *b)
{
	const struct fs_slot *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

struct fs_slot *packed_image_slot(const struct packed_image *i, const struct tree_node *n)
{
	struct fs_slot wanted = {.id = n->file->id};

	return i->n_slots ? bsearch(&wanted, i->slots, i->n_slots, sizeof(wanted), compare_slots)
			  : NULL;
}

/* The number that a file has instead of its bytes; in `place` for now. */
static int read_number(
	const struct packed_image *i, const struct tree_node *n, uint64_t *ret, struct werr **err)
{
	const struct io_range range = tree_file_range(i->tree, n);
	unsigned char bytes[8];
	int r = range.size == sizeof(bytes)
			? fd_read_at(range.fd, n->name, range.offset, bytes, sizeof(bytes), err)
			: werr_set(err, WERR_CORRUPT, "%s has no number", n->name);
	uint64_t number = le64_get(bytes);

	if (r < 0)
		return r;
	if (number >> 32 >= i->n_parts || (uint32_t)number >= i->parts[number >> 32].packed.n_files)
		return werr_set(err, WERR_CORRUPT, "%s has a wrong number", n->name);
	*ret = number;
	return 0;
}

static int add_slot(struct tree_node *n, ATTR_UNUSED const char *path, void *ctx, struct werr **err)
{
	struct packed_image *i = ctx;
	struct fs_slot *slot;
	int r = cancel_check(err);

	if (r < 0 || !n->file)
		return r;
	mem_grow(&i->slots, i->n_slots, &i->cap_slots, sizeof(*i->slots));
	slot = &i->slots[i->n_slots++];
	slot->id = n->file->id;
	slot->stored = FS_NONE;
	if (!S_ISREG(n->meta.mode))
		return 0;
	slot->stored = 0;
	return read_number(i, n, &slot->place, err);
}

/* A slot for each file, whatever its names. */
static int make_slots(struct packed_image *i, struct werr **err)
{
	size_t kept = 0;
	int r = tree_walk(i->tree, add_slot, i, err);

	if (r < 0 || i->n_slots == 0)
		return r;
	qsort(i->slots, i->n_slots, sizeof(*i->slots), compare_slots);
	for (size_t j = 0; j < i->n_slots; j++)
		if (kept == 0 || i->slots[j].id != i->slots[kept - 1].id)
			i->slots[kept++] = i->slots[j];
	i->n_slots = kept;
	return 0;
}

/* ---- each content once ---- */

static int compare_places(const struct fs_stored *x, const struct fs_stored *y)
{
	if (x->part != y->part)
		return x->part < y->part ? -1 : 1;
	return (x->file > y->file) - (x->file < y->file);
}

static int compare_order(const void *a, const void *b)
{
	return compare_places(a, b);
}

/* By content, then in the order of the parts. */
static int compare_contents(const void *a, const void *b)
{
	const struct fs_stored *x = a, *y = b;
	int order = memcmp(x->file->digest, y->file->digest, SHA256_SIZE);

	if (x->file->size != y->file->size)
		return x->file->size < y->file->size ? -1 : 1;
	return order ? order : compare_places(x, y);
}

static bool is_same(const struct fs_stored *x, const struct fs_stored *y)
{
	return x->file->size == y->file->size &&
	       memcmp(x->file->digest, y->file->digest, SHA256_SIZE) == 0;
}

/* What a slot's number stands for: the first file of its part with these bytes. */
static struct fs_stored stored_of(const struct packed_image *i, uint64_t number)
{
	const struct fs_part *part = &i->parts[number >> 32];
	uint32_t same = part->packed.files[(uint32_t)number].same;

	return (struct fs_stored){.file = &part->packed.files[same],
		.packed = &part->packed,
		.piece = part->piece,
		.part = (uint32_t)(number >> 32)};
}

/* The one with the same content. */
static struct fs_stored *first_of(struct fs_stored *all, size_t n, const struct fs_stored *wanted)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_contents(&all[middle], wanted) < 0 && !is_same(&all[middle], wanted))
			low = middle + 1;
		else
			high = middle;
	}
	return &all[low];
}

static void find_stored(struct packed_image *i)
{
	struct fs_stored *all = mem_new_array(struct fs_stored, i->n_slots);
	size_t n = 0, kept = 0;

	for (size_t j = 0; j < i->n_slots; j++)
		if (i->slots[j].stored != FS_NONE)
			all[n++] = stored_of(i, i->slots[j].place);
	if (n > 0)
		qsort(all, n, sizeof(*all), compare_contents);
	for (size_t j = 0; j < n; j++)
		if (kept == 0 || !is_same(&all[j], &all[kept - 1]))
			all[kept++] = all[j];
	i->stored = mem_new_array(struct fs_stored, kept);
	if (kept > 0)
		memcpy(i->stored, all, kept * sizeof(*all));
	if (kept > 0)
		qsort(i->stored, kept, sizeof(*i->stored), compare_order);
	i->n_stored = kept;
	/* `all` is sorted by content: let it say where in i->stored each is. */
	for (size_t j = 0; j < kept; j++)
		first_of(all, kept, &i->stored[j])->at = j;
	for (size_t j = 0; j < i->n_slots; j++) {
		struct fs_slot *slot = &i->slots[j];
		struct fs_stored wanted;

		if (slot->stored == FS_NONE)
			continue;
		wanted = stored_of(i, slot->place);
		slot->stored = (uint32_t)first_of(all, kept, &wanted)->at;
		slot->place = 0;
	}
	free(all);
}

int packed_image_lay_out(struct packed_image *i, struct extents *ret, struct werr **err)
{
	int r = make_slots(i, err);

	if (r == 0) {
		find_stored(i);
		r = i->format->lay_out(i, ret, err);
	}
	if (r < 0)
		werr_wrap(err, "make the root's %s", i->format->name);
	return r;
}
