/* SPDX-License-Identifier: Apache-2.0 */
/*
 * As text: of each build, the last first, a line with its time, then of each part a line with its
 * name, the key of its sheet and how many bytes it has packed.
 */
#include "cli/last-build.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "base/mem.h"
#include "hash/sha256-fields.h"
#include "store/piece.h"

enum { BUILDS = 2, TEXT_MAX = 16 << 20, WORDS = 3 };

struct last_part {
	char *name;
	struct digest sheet;
	uint64_t packed;
};
struct last_build {
	int64_t time; /* 0: there is none */
	struct last_part *parts;
	size_t n, cap;
};

static void build_cleanup(struct last_build *b)
{
	for (size_t i = 0; i < b->n; i++)
		free(b->parts[i].name);
	free(b->parts);
	*b = (struct last_build){0};
}

/* false: it has no place, as stdin. */
static bool key_of(const char *file, const char *arch, struct digest *ret)
{
	CLEANUP(free) char *path = realpath(file, NULL);
	CLEANUP(sha256) struct sha256 *h = sha256_new();
	char hex[SHA256_HEX + 1];

	if (!path)
		return false;
	sha256_add_text(h, "last builds, form 1");
	sha256_add_text(h, path);
	sha256_add_text(h, arch);
	sha256_hex(h, hex);
	digest_from_hex(hex, ret);
	return true;
}

/* ---- reading ---- */

static void add_part(
	struct last_build *b, const char *name, const struct digest *sheet, uint64_t packed)
{
	mem_grow(&b->parts, b->n, &b->cap, sizeof(*b->parts));
	b->parts[b->n++] = (struct last_part){str_dup(name), *sheet, packed};
}

static bool parse_line(const char *line, struct last_build builds[static BUILDS], size_t *n)
{
	CLEANUP(strv) struct strv words = {0};
	struct digest sheet;
	uint64_t number;

	strv_split(&words, line, '\t');
	if (words.n == 1 && *n < BUILDS && str_to_u64(line, 10, &number) == 0) {
		builds[(*n)++].time = (int64_t)number;
		return true;
	}
	if (words.n != WORDS || *n == 0 || digest_parse(words.items[1], &sheet, NULL) < 0 ||
		str_to_u64(words.items[2], 10, &number) < 0)
		return false;
	add_part(&builds[*n - 1], words.items[0], &sheet, number);
	return true;
}

/* What is broken ends it. */
static void find(struct store *s, const struct digest *key, struct last_build builds[static BUILDS])
{
	CLEANUP(piece) struct piece piece = {.fd = -1};
	CLEANUP(reader) struct reader *from = NULL;
	CLEANUP(strv) struct strv lines = {0};
	CLEANUP(free) char *text = NULL;
	size_t size, n = 0;

	if (!store_find_piece(s, key, &piece) || piece.fd < 0)
		return;
	from = fd_range_reader_new(piece.fd, "last builds", 0, piece.size);
	if (reader_read_all(from, TEXT_MAX, &text, &size, NULL) < 0)
		return;
	strv_split(&lines, text, '\n');
	for (size_t i = 0; i < lines.n && parse_line(lines.items[i], builds, &n); i++)
		continue;
}

/* ---- keeping ---- */

static void put(struct buf *out, const struct last_build *b)
{
	if (!b->time)
		return;
	buf_printf(out, "%lld\n", (long long)b->time);
	for (size_t i = 0; i < b->n; i++)
		buf_printf(out, "%s\t%s\t%llu\n", b->parts[i].name, b->parts[i].sheet.text,
			(unsigned long long)b->parts[i].packed);
}

static bool is_same(const struct last_build *a, const struct last_build *b)
{
	bool same = a->n == b->n;

	for (size_t i = 0; same && i < a->n; i++)
		same = str_eq(a->parts[i].name, b->parts[i].name) &&
		       digest_eq(&a->parts[i].sheet, &b->parts[i].sheet);
	return same;
}

void last_build_keep(
	struct store *s, const char *file, const char *arch, const struct build_report *r)
{
	struct last_build builds[BUILDS] = {0}, now = {.time = time(NULL)};
	CLEANUP(buf) struct buf text = BUF_INIT(TEXT_MAX);
	CLEANUP(piece_writer) struct piece_writer *w = NULL;
	CLEANUP(piece) struct piece piece = {.fd = -1};
	CLEANUP(werr) struct werr *why = NULL;
	struct digest key;
	int res = -1;

	if (!key_of(file, arch, &key))
		return;
	for (size_t i = 0; i < r->parts; i++)
		if (*r->part_items[i].sheet.text && !strpbrk(r->part_items[i].name, "\t\n"))
			add_part(&now, r->part_items[i].name, &r->part_items[i].sheet,
				r->part_items[i].size);
	find(s, &key, builds);
	put(&text, &now);
	/* The same built again does not push out what was different. */
	put(&text, &builds[is_same(&now, &builds[0])]);
	if (now.n && !buf_error(&text))
		res = store_new_piece(s, &key, &w, &why);
	if (res == 0)
		res = writer_write(piece_writer_stream(w), text.data, text.len, &why);
	if (res == 0)
		piece_writer_finish(w, true, true, &piece);
	else if (why)
		log_info("what was built is not noted: %s", why->message);
	build_cleanup(&now);
	for (size_t i = 0; i < BUILDS; i++)
		build_cleanup(&builds[i]);
}

/* ---- comparing ---- */

static struct holdings_part *part_of(struct holdings *h, const char *name)
{
	for (size_t i = 0; i < h->n; i++)
		if (str_eq(h->parts[i].name, name))
			return &h->parts[i];
	return NULL;
}

static bool has_same(struct holdings *h, const struct last_build *b)
{
	size_t n = 0;

	for (size_t i = 0; i < h->n; i++)
		n += *h->parts[i].key.text != '\0';
	for (size_t i = 0; i < b->n; i++) {
		const struct holdings_part *p = part_of(h, b->parts[i].name);

		if (!p || !digest_eq(&p->key, &b->parts[i].sheet))
			return false;
	}
	return n == b->n;
}

/* The format may have been one whose pieces `size` does not know. */
static void take_packed(struct holdings *h, const struct last_build *b)
{
	for (size_t i = 0; i < b->n; i++) {
		struct holdings_part *p = part_of(h, b->parts[i].name);

		if (p && !p->packed && digest_eq(&p->key, &b->parts[i].sheet))
			p->packed = b->parts[i].packed;
	}
}

struct adding {
	struct fill *fill;
	struct weights *weights;
	const char *part;
};

/* A container has one image, which may have another name now. */
static bool is_of(const struct weights_component *c, const char *part, const char *source)
{
	return str_eq(c->name, part) &&
	       (*c->prefix || str_eq(c->image ? c->image : "", source ? source : ""));
}

static int add_before(const struct roll_entry *e, void *ctx, struct werr **err)
{
	struct adding *a = ctx;

	for (size_t i = 0; S_ISREG(e->entry.meta.mode) && i < a->weights->n; i++) {
		struct weights_component *c = &a->weights->components[i];

		if (is_of(c, a->part, e->source))
			c->weight.before += e->entry.size;
	}
	return fill_add(&e->entry, NULL, a->fill, err);
}

static bool has_part(const struct last_build *b, const struct holdings_part *p)
{
	for (size_t i = 0; i < b->n; i++)
		if (str_eq(b->parts[i].name, p->name))
			return digest_eq(&b->parts[i].sheet, &p->key);
	return false;
}

/* Nothing has changed in it; or nothing is said, as builds leave nothing of it. */
static void find_same(struct subject *s, const struct last_build *b, struct weights *w)
{
	for (size_t i = 0; i < w->n; i++) {
		struct weights_component *c = &w->components[i];
		const struct holdings_part *p = part_of(&s->holdings, c->name);

		c->is_same = p && (!*p->key.text || has_part(b, p));
		c->weight.before = c->is_same ? c->weight.size : 0;
	}
}

static void compare_with(struct subject *s, const struct last_build *b, struct weights *w)
{
	CLEANUP(tree) struct tree *t = NULL;
	int r = tree_new(&t, NULL, NULL);

	find_same(s, b, w);
	for (size_t i = 0; r == 0 && i < b->n; i++) {
		const struct holdings_part *now = part_of(&s->holdings, b->parts[i].name);
		CLEANUP(fill) struct fill *fill = fill_new(t, false);
		struct adding a = {fill, w, b->parts[i].name};

		if (!now || !digest_eq(&now->key, &b->parts[i].sheet))
			r = holdings_visit_kept(s->store, &b->parts[i].sheet, add_before, &a);
	}
	if (r < 0)
		return;
	tree_settle(t);
	w->before = STEAL(t);
	w->since = b->time;
}

void last_build_compare(struct subject *s, const char *file, const char *arch, struct weights *w)
{
	struct last_build builds[BUILDS] = {0};
	struct digest key;
	size_t other = 0;

	if (!key_of(file, arch, &key))
		return;
	find(s->store, &key, builds);
	for (size_t i = 0; i < BUILDS; i++)
		take_packed(&s->holdings, &builds[i]);
	if (builds[0].time && has_same(&s->holdings, &builds[0]))
		other = 1;
	if (builds[other].time)
		compare_with(s, &builds[other], w);
	for (size_t i = 0; i < BUILDS; i++)
		build_cleanup(&builds[i]);
}
