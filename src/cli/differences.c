/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/differences.h"

#include <stdlib.h>
#include <string.h>

#include "base/cancel.h"
#include "base/mem.h"
#include "base/path.h"
#include "cli/facet.h"
#include "data/json.h"
#include "data/node.h"
#include "pkg/record.h"

struct comparing {
	struct subject *a, *b;
	struct differences *to;
	bool with_contents; /* false: only find out whether any have to be compared */
	bool needs_contents;
	bool needs_all;          /* of outputs: some are not where they can be read alone */
	bool with_xattrs;        /* both can have some */
	bool *parts_a, *parts_b; /* of YAML: those of which some have to be; or NULL */
	uint32_t same_layers;    /* of two images, from the bottom */
};

static void add(struct comparing *c, const char *path, const struct tree_node *a,
	const struct tree_node *b, unsigned what)
{
	struct differences *d = c->to;

	if (!c->with_contents)
		return;
	mem_grow(&d->items, d->n, &d->cap, sizeof(*d->items));
	d->items[d->n++] = (struct difference){str_dup(path), a, b, what};
}

static uint64_t size_of(const struct tree_node *n)
{
	return S_ISREG(n->meta.mode) && n->file ? n->file->size : 0;
}

static bool in_same_layer(
	const struct comparing *c, const struct tree_node *a, const struct tree_node *b)
{
	return a->layer == b->layer && a->layer < c->same_layers;
}

/* Of two YAML files: parts that are made from the same. */
static bool in_same_part(
	const struct comparing *c, const struct tree_node *a, const struct tree_node *b)
{
	const struct digest *x, *y;

	if (!c->a->config || !c->b->config)
		return false;
	x = &c->a->holdings.parts[a->origin].key;
	y = &c->b->holdings.parts[b->origin].key;
	return *x->text && digest_eq(x, y);
}

/* Of two outputs: from an archive that both have. */
static bool in_same_archive(
	const struct comparing *c, const struct tree_node *a, const struct tree_node *b)
{
	return c->a->look && c->b->look && look_is_same(c->a->look, a, c->b->look, b);
}

/* The first time: what has to be read. */
static void note_needed(struct comparing *c, const struct tree_node *a, const struct tree_node *b)
{
	c->needs_contents = true;
	if (c->parts_a)
		c->parts_a[a->origin] = true;
	if (c->parts_b)
		c->parts_b[b->origin] = true;
	if (c->a->look)
		c->needs_all |= !look_want(c->a->look, a);
	if (c->b->look)
		c->needs_all |= !look_want(c->b->look, b);
}

static int compare_content(struct comparing *c, const struct tree_node *a,
	const struct tree_node *b, unsigned *what, struct werr **err)
{
	char hash_a[SHA256_HEX + 1], hash_b[SHA256_HEX + 1];
	int r;

	if (!S_ISREG(a->meta.mode) || size_of(a) != size_of(b) || size_of(a) == 0 ||
		in_same_layer(c, a, b) || in_same_part(c, a, b) || in_same_archive(c, a, b))
		return 0;
	if (!c->with_contents) {
		note_needed(c, a, b);
		return 0;
	}
	r = subject_hash(c->a, a, hash_a, err);
	if (r == 0)
		r = subject_hash(c->b, b, hash_b, err);
	if (r == 0 && !str_eq(hash_a, hash_b))
		*what |= DIFFERS_CONTENT;
	return r;
}

/* They are sorted by name. */
static bool have_same_xattrs(const struct tree_meta *a, const struct tree_meta *b)
{
	bool same = a->n_xattrs == b->n_xattrs;

	for (uint32_t i = 0; same && i < a->n_xattrs; i++) {
		const struct tree_xattr *x = &a->xattrs[i], *y = &b->xattrs[i];

		same = str_eq(x->name, y->name) && x->size == y->size &&
		       (x->size == 0 || memcmp(x->value, y->value, x->size) == 0);
	}
	return same;
}

static unsigned compare_meta(
	const struct comparing *c, const struct tree_node *a, const struct tree_node *b)
{
	const struct tree_meta *x = &a->meta, *y = &b->meta;

	if ((x->mode & S_IFMT) != (y->mode & S_IFMT))
		return DIFFERS_TYPE;
	return (x->mode != y->mode ? DIFFERS_MODE : 0) |
	       (x->uid != y->uid || x->gid != y->gid ? DIFFERS_OWNER : 0) |
	       (size_of(a) != size_of(b) ? DIFFERS_SIZE : 0) |
	       (a->target && !str_eq(a->target, b->target) ? DIFFERS_TARGET : 0) |
	       (x->major != y->major || x->minor != y->minor ? DIFFERS_DEVICE : 0) |
	       (c->with_xattrs && !have_same_xattrs(x, y) ? DIFFERS_XATTRS : 0);
}

static void add_all(struct comparing *c, const struct tree_node *n, const char *path, bool is_a)
{
	add(c, path, is_a ? n : NULL, is_a ? NULL : n, 0);
	for (uint32_t i = 0; i < n->n; i++) {
		CLEANUP(free) char *below = path_join(path, n->children[i]->name);

		add_all(c, n->children[i], below, is_a);
	}
}

static int compare_dirs(struct comparing *c, const struct tree_node *a, const struct tree_node *b,
	const char *path, struct werr **err);

static int compare_nodes(struct comparing *c, const struct tree_node *a, const struct tree_node *b,
	const char *path, struct werr **err)
{
	/* What no entry describes has no mode of its own. */
	unsigned what = a->implied || b->implied ? 0 : compare_meta(c, a, b);
	int r = cancel_check(err);

	/* The kernel in an output has no mode. */
	if ((c->a->look || c->b->look) && str_after(path, "boot/"))
		what &= ~(unsigned)(DIFFERS_MODE | DIFFERS_OWNER);
	if (r == 0 && !(what & DIFFERS_TYPE))
		r = compare_content(c, a, b, &what, err);
	if (r == 0 && what)
		add(c, path, a, b, what);
	if (r < 0 || !S_ISDIR(a->meta.mode) || !S_ISDIR(b->meta.mode))
		return r;
	return compare_dirs(c, a, b, path, err);
}

/* Both are sorted by name. */
static int compare_dirs(struct comparing *c, const struct tree_node *a, const struct tree_node *b,
	const char *path, struct werr **err)
{
	uint32_t i = 0, k = 0;
	int r = 0;

	while (r == 0 && (i < a->n || k < b->n)) {
		int order = i == a->n   ? 1
			    : k == b->n ? -1
					: strcmp(a->children[i]->name, b->children[k]->name);
		const struct tree_node *x = order <= 0 ? a->children[i++] : NULL;
		const struct tree_node *y = order >= 0 ? b->children[k++] : NULL;
		CLEANUP(free) char *below = path_join(path, x ? x->name : y->name);

		if (order == 0)
			r = compare_nodes(c, x, y, below, err);
		else
			add_all(c, x ? x : y, below, x != NULL);
	}
	return r;
}

/* ---- packages and configurations ---- */

static void add_packages(const struct image *image, struct strv *ret)
{
	const char *text =
		image && image->config ? image_config_label(image->config, RECORD_LABEL) : NULL;
	CLEANUP(document) struct document *d = NULL;

	if (!text || json_parse("packages", text, strlen(text), &d, NULL) < 0 ||
		d->root->kind != NODE_LIST)
		return;
	for (size_t i = 0; i < d->root->n; i++) {
		const char *name = node_get_text(d->root->items[i], "name");
		const char *version = node_get_text(d->root->items[i], "version");
		CLEANUP(free) char *line = NULL;

		if (!name || !version)
			continue;
		line = str_printf("%s %s", name, version);
		if (!strv_has(ret, line))
			strv_add(ret, line);
	}
}

static void add_words(struct strv *ret, const char *key, const struct strv *words)
{
	for (size_t i = 0; i < words->n; i++)
		strv_addf(ret, "%s %s", key, words->items[i]);
}

static void add_word(struct strv *ret, const char *key, const char *word)
{
	if (word && *word)
		strv_addf(ret, "%s %s", key, word);
}

static void add_config(const struct image *image, struct strv *ret)
{
	const struct image_config *c = image ? image->config : NULL;
	const struct facet *f;

	if (!c)
		return;
	for (size_t n = facet_list(&f); n > 0; n--, f++) {
		if (f->one && f->kind == FACET_TEXT)
			add_word(ret, f->one, facet_text(f, c));
		else if (f->one)
			add_words(ret, f->one, facet_words(f, c));
	}
	add_words(ret, "health", &c->health.command);
	for (size_t i = 0; i < c->n_labels; i++)
		if (!str_eq(c->labels[i].key, RECORD_LABEL) &&
			!str_eq(c->labels[i].key, RECORD_INSIDE_LABEL))
			strv_addf(ret, "label %s=%s", c->labels[i].key, c->labels[i].value);
}

/* Of YAML, which images it names; their configurations are in its files. */
static void collect(const struct subject *s, struct strv *packages, struct strv *config)
{
	const struct plan *p = s->holdings.plan;

	add_packages(s->image, packages);
	add_config(s->image, config);
	for (size_t i = 0; p && i < p->n_images; i++) {
		add_packages(p->images[i], packages);
		if (p->images[i])
			strv_addf(config, "image %s %s", p->images[i]->name,
				p->images[i]->descriptor.digest.text);
	}
}

static void keep_others(const struct strv *from, const struct strv *others, struct strv *ret)
{
	for (size_t i = 0; i < from->n; i++)
		if (!strv_has(others, from->items[i]))
			strv_add(ret, from->items[i]);
	strv_sort(ret);
}

static void compare_lists(const struct comparing *c)
{
	CLEANUP(strv) struct strv packages_a = {0};
	CLEANUP(strv) struct strv packages_b = {0};
	CLEANUP(strv) struct strv config_a = {0};
	CLEANUP(strv) struct strv config_b = {0};

	/* Neither is known of an output. */
	if (c->a->look || c->b->look)
		return;
	collect(c->a, &packages_a, &config_a);
	collect(c->b, &packages_b, &config_b);
	keep_others(&packages_a, &packages_b, &c->to->packages_a);
	keep_others(&packages_b, &packages_a, &c->to->packages_b);
	keep_others(&config_a, &config_b, &c->to->config_a);
	keep_others(&config_b, &config_a, &c->to->config_b);
}

/* ---- both ---- */

static uint32_t same_layers(const struct subject *a, const struct subject *b)
{
	uint32_t n = 0;

	if (!a->image || !b->image || !a->image->config || !b->image->config)
		return 0;
	while (n < a->image->manifest->n && n < b->image->manifest->n &&
		str_eq(a->image->manifest->items[n].digest.text,
			b->image->manifest->items[n].digest.text))
		n++;
	return n;
}

static int add_size(
	struct tree_node *n, ATTR_UNUSED const char *path, void *ctx, ATTR_UNUSED struct werr **err)
{
	*(uint64_t *)ctx += size_of(n);
	return 0;
}

/* Once more with contents, which YAML, and outputs if they can, have as hashes. */
static int reload(struct subject *s, const bool *parts, bool needs_all, struct werr **err)
{
	if (s->config)
		return holdings_hash(&s->holdings, parts, err);
	if (s->look && !needs_all)
		return look_hash_wanted(s->look, err);
	tree_free(s->tree);
	s->tree = NULL;
	return subject_load(s, true, err);
}

static int compare_all(struct comparing *c, struct werr **err)
{
	int r = compare_dirs(c, c->a->tree->root, c->b->tree->root, "", err);

	if (r == 0 && c->needs_contents) {
		r = reload(c->a, c->parts_a, c->needs_all, err);
		if (r == 0)
			r = reload(c->b, c->parts_b, c->needs_all, err);
	}
	c->with_contents = true;
	if (r == 0)
		r = compare_dirs(c, c->a->tree->root, c->b->tree->root, "", err);
	if (r == 0)
		r = tree_walk(c->a->tree, add_size, &c->to->size_a, err);
	if (r == 0)
		r = tree_walk(c->b->tree, add_size, &c->to->size_b, err);
	return r;
}

int differences_find(
	struct subject *a, struct subject *b, struct differences *ret, struct werr **err)
{
	CLEANUP(differences) struct differences d = {0};
	CLEANUP(free) bool *parts_a = a->config ? mem_new_array(bool, a->holdings.n) : NULL;
	CLEANUP(free) bool *parts_b = b->config ? mem_new_array(bool, b->holdings.n) : NULL;
	struct comparing c = {.a = a,
		.b = b,
		.to = &d,
		.with_xattrs = subject_has_xattrs(a) && subject_has_xattrs(b),
		.parts_a = parts_a,
		.parts_b = parts_b,
		.same_layers = same_layers(a, b)};
	int r = subject_load(a, false, err);

	if (r == 0)
		r = subject_load(b, false, err);
	if (r == 0)
		r = compare_all(&c, err);
	if (r < 0)
		return r;
	compare_lists(&c);
	*ret = d;
	d = (struct differences){0};
	return 0;
}

void differences_cleanup(struct differences *d)
{
	for (size_t i = 0; i < d->n; i++)
		free(d->items[i].path);
	free(d->items);
	strv_clear(&d->packages_a);
	strv_clear(&d->packages_b);
	strv_clear(&d->config_a);
	strv_clear(&d->config_b);
	*d = (struct differences){0};
}
