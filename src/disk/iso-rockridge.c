/* SPDX-License-Identifier: Apache-2.0 */
/* What Rock Ridge adds to records (SUSP 1.12 and RRIP 1.12). */
#include <string.h>

#include "base/endian.h"
#include "disk/iso-impl.h"

/* Bytes of whole fields, and of what precedes a field's own content. */
enum { SP = 7, PX = 44, TF = 12, PN = 20, CE = 28, HEAD = 5, FIELD_MAX = 255 };
/* A target of 4095 slashes is the longest; a component needs two bytes more than its text. */
enum { FIELDS_MAX = 10 << 10 };
enum { CONTINUE = 1, CURRENT = 2, PARENT = 4, ROOT = 8 }; /* RRIP 4.1.3.1 */
enum { MODIFY = 2 };                                      /* RRIP 4.1.6 */

struct fields {
	unsigned char bytes[FIELDS_MAX];
	size_t used;
};

/* A new field of `size` bytes; the caller fills it in from its fifth byte on. */
static unsigned char *add(struct fields *f, const char *name, size_t size)
{
	unsigned char *p = f->bytes + f->used;

	memset(p, 0, size);
	memcpy(p, name, 2);
	p[2] = (unsigned char)size;
	p[3] = 1;
	f->used += size;
	return p;
}

/* SUSP 5.3: here it begins; no bytes are to be skipped. */
static void add_begin(struct fields *f)
{
	unsigned char *p = add(f, "SP", SP);

	p[4] = 0xbe;
	p[5] = 0xef;
}

/* SUSP 5.5, with what RRIP 4.3 wants it to say. */
static void add_reference(struct fields *f)
{
	static const char id[] = "IEEE_P1282";
	static const char text[] =
		"THE IEEE P1282 PROTOCOL PROVIDES SUPPORT FOR POSIX FILE SYSTEM SEMANTICS";
	static const char source[] = "PLEASE CONTACT THE IEEE STANDARDS DEPARTMENT, PISCATAWAY, "
				     "NJ, USA FOR THE P1282 SPECIFICATION.";
	enum { ID = sizeof(id) - 1, TEXT = sizeof(text) - 1, SOURCE = sizeof(source) - 1 };
	unsigned char *p = add(f, "ER", 8 + ID + TEXT + SOURCE);

	p[4] = ID;
	p[5] = TEXT;
	p[6] = SOURCE;
	p[7] = 1;
	memcpy(p + 8, id, ID);
	memcpy(p + 8 + ID, text, TEXT);
	memcpy(p + 8 + ID + TEXT, source, SOURCE);
}

static void add_posix(struct fields *f, const struct iso_node *n)
{
	unsigned char *p = add(f, "PX", PX);

	iso_both32_put(p + 4, n->meta.mode);
	iso_both32_put(p + 12, n->meta.links);
	iso_both32_put(p + 20, n->meta.uid);
	iso_both32_put(p + 28, n->meta.gid);
	iso_both32_put(p + 36, n->serial);
}

static void add_time(struct fields *f, const struct iso_node *n)
{
	unsigned char *p = add(f, "TF", TF);

	p[4] = MODIFY;
	iso_time_put(p + 5, n->meta.time);
}

/*
 * RRIP 4.1.2: the high and the low half of a number. Linux takes the low half apart when the high
 * one is 0, as it was in the days of 16 bits, which others do as well; else it takes them for the
 * major and the minor number.
 */
static void add_device(struct fields *f, const struct iso_node *n)
{
	unsigned char *p = add(f, "PN", PN);
	bool is_short = n->meta.minor <= 0xff;

	iso_both32_put(p + 4, is_short ? 0 : n->meta.major);
	iso_both32_put(p + 12, is_short ? n->meta.major << 8 | n->meta.minor : n->meta.minor);
}

static void add_name(struct fields *f, const char *name)
{
	size_t left = strlen(name);

	do {
		size_t part = left < FIELD_MAX - HEAD ? left : FIELD_MAX - HEAD;
		unsigned char *p = add(f, "NM", HEAD + part);

		left -= part;
		p[4] = left ? CONTINUE : 0;
		memcpy(p + HEAD, name, part);
		name += part;
	} while (left);
}

/* ---- symlinks (RRIP 4.1.3) ---- */

struct link {
	struct fields *f;
	unsigned char *field; /* that has room for components */
};

static void add_part(struct link *l, unsigned flags, const char *text, size_t size)
{
	unsigned char *p = l->f->bytes + l->f->used;

	p[0] = (unsigned char)flags;
	p[1] = (unsigned char)size;
	memcpy(p + 2, text, size);
	l->field[2] = (unsigned char)(l->field[2] + 2 + size);
	l->f->used += 2 + size;
}

static size_t room_of(const struct link *l)
{
	return FIELD_MAX - l->field[2];
}

/* A component is in several fields when it has to be. */
static void add_component(struct link *l, unsigned flags, const char *text, size_t size)
{
	do {
		size_t part;

		if (room_of(l) < 2 || (size && room_of(l) < 3)) {
			l->field[4] = CONTINUE;
			l->field = add(l->f, "SL", HEAD);
		}
		part = size < room_of(l) - 2 ? size : room_of(l) - 2;
		add_part(l, flags | (part < size ? CONTINUE : 0), text, part);
		text += part;
		size -= part;
	} while (size);
}

/* Slashes are not written, but for one at the beginning: they separate the components. */
static void add_target(struct fields *f, const char *target)
{
	struct link l = {f, add(f, "SL", HEAD)};

	if (*target == '/') {
		add_component(&l, ROOT, "", 0);
		target++;
		if (!*target)
			return;
	}
	for (;;) {
		size_t size = strcspn(target, "/");
		bool is_current = size == 1 && target[0] == '.';
		bool is_parent = size == 2 && target[0] == '.' && target[1] == '.';

		if (is_current || is_parent)
			add_component(&l, is_current ? CURRENT : PARENT, "", 0);
		else
			add_component(&l, 0, target, size);
		if (!target[size])
			return;
		target += size + 1;
	}
}

/* ---- where they go ---- */

static void collect(struct fields *f, const struct iso_node *n, enum iso_record kind)
{
	bool is_begin = kind == ISO_SELF && n->dir->parent == n;

	if (is_begin)
		add_begin(f);
	add_posix(f, n);
	add_time(f, n);
	if (S_ISBLK(n->meta.mode) || S_ISCHR(n->meta.mode))
		add_device(f, n);
	if (kind == ISO_NAME)
		add_name(f, n->name);
	if (n->target)
		add_target(f, n->target);
	if (is_begin)
		add_reference(f);
}

/* How many bytes of whole fields fit in so much room; what does not fit needs a CE field there. */
static size_t fitting(const struct fields *f, size_t from, size_t room)
{
	size_t n = 0;

	if (f->used - from <= room)
		return f->used - from;
	while (n + f->bytes[from + n + 2] + CE <= room)
		n += f->bytes[from + n + 2];
	return n;
}

/* SUSP 5.1: n bytes more are at an offset of the continuation areas. */
static void put_continuation(
	unsigned char *p, const struct iso_overflow *o, uint64_t offset, size_t n)
{
	memcpy(p, "CE\x1c\1", 4);
	iso_both32_put(p + 4, o->sector + (uint32_t)(offset / ISO_SECTOR));
	iso_both32_put(p + 12, (uint32_t)(offset % ISO_SECTOR));
	iso_both32_put(p + 20, (uint32_t)n);
}

/* An area is in one sector; what needs more than one begins with a whole one. */
static void put_rest(
	const struct fields *f, size_t from, unsigned char *continuation, struct iso_overflow *o)
{
	unsigned char next[CE];

	while (from < f->used) {
		size_t room = ISO_SECTOR - o->used % ISO_SECTOR, n, size;
		unsigned char *to;

		if (f->used - from > room && room < ISO_SECTOR) {
			o->used += room;
			room = ISO_SECTOR;
		}
		n = fitting(f, from, room);
		size = n + (from + n < f->used ? CE : 0);
		put_continuation(continuation, o, o->used, size);
		to = o->bytes ? o->bytes + o->used : NULL;
		o->used += size;
		if (to)
			memcpy(to, f->bytes + from, n);
		from += n;
		continuation = to ? to + n : next;
	}
}

size_t iso_fields_put(unsigned char *record, size_t used, const struct iso_node *n,
	enum iso_record kind, struct iso_overflow *o)
{
	struct fields f;
	size_t first;

	f.used = 0;
	collect(&f, n, kind);
	first = fitting(&f, 0, ISO_RECORD_MAX - used);
	memcpy(record + used, f.bytes, first);
	used += first;
	if (first < f.used) {
		put_rest(&f, first, record + used, o);
		used += CE;
	}
	return used + used % 2;
}
