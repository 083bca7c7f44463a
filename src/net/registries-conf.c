/* SPDX-License-Identifier: Apache-2.0 */
#include "net/registries-conf.h"

#include <errno.h>
#include <stdlib.h>
#include <strings.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "yaml/toml.h"

static void registry_conf_clear(struct registry_conf *r)
{
	for (size_t i = 0; i < r->n; i++)
		free(r->mirrors[i].location);
	free(r->mirrors);
	free(r->prefix);
	free(r->location);
	*r = (struct registry_conf){0};
}

void registries_conf_cleanup(struct registries_conf *c)
{
	for (size_t i = 0; i < c->n; i++)
		registry_conf_clear(&c->items[i]);
	free(c->items);
	*c = (struct registries_conf){0};
}

/* ---- one file ---- */

enum place { ELSEWHERE, IN_REGISTRY, IN_MIRROR };

struct parsing {
	const char *name;
	enum place place;
	struct registries_conf found;
};

static struct registry_conf *current(struct parsing *p)
{
	return &p->found.items[p->found.n - 1];
}

static struct registry_mirror *current_mirror(struct parsing *p)
{
	return &current(p)->mirrors[current(p)->n - 1];
}

static int wrong(
	const struct parsing *p, const struct toml_item *item, const char *what, struct werr **err)
{
	return werr_set(err, WERR_INVALID, "%s:%u: %s: %s", p->name, item->line, item->key, what);
}

static int begin_table(struct parsing *p, const struct toml_item *item, struct werr **err)
{
	p->place = ELSEWHERE;
	if (item->kind != TOML_ENTRY)
		return 0;
	if (str_eq(item->key, "registry")) {
		if (p->found.n >= REGISTRIES_MAX)
			return wrong(p, item, "there are too many", err);
		mem_grow(&p->found.items, p->found.n, &p->found.cap, sizeof(*p->found.items));
		p->found.items[p->found.n++] = (struct registry_conf){0};
		p->place = IN_REGISTRY;
	} else if (str_eq(item->key, "registry.mirror")) {
		if (p->found.n == 0)
			return wrong(p, item, "it is not in a [[registry]]", err);
		if (current(p)->n >= REGISTRY_MIRRORS_MAX)
			return wrong(p, item, "there are too many", err);
		mem_grow(&current(p)->mirrors, current(p)->n, &current(p)->cap,
			sizeof(struct registry_mirror));
		current(p)->mirrors[current(p)->n++] =
			(struct registry_mirror){.for_tags = true, .for_digests = true};
		p->place = IN_MIRROR;
	}
	return 0;
}

enum form { LOCATION, PREFIX };

/* "HOST[:PORT][/PATH]", which becomes part of a URL; a prefix may also be "*.DOMAIN". */
static bool is_location(const char *s, enum form form)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789._-:/[]";
	const char *domain = form == PREFIX ? str_after(s, "*.") : NULL;
	size_t n;

	s = domain ? domain : s;
	n = strspn(s, letters);
	return n > 0 && !s[n] && n <= REGISTRY_LOCATION_MAX && *s != '/' && s[n - 1] != '/' &&
	       !strstr(s, "//") && !strstr(s, "..") && (!domain || !strpbrk(s, "/:"));
}

static int take_location(struct parsing *p, const struct toml_item *item, enum form form,
	char **field, struct werr **err)
{
	if (item->kind != TOML_STRING || !is_location(item->text, form))
		return wrong(p, item, "it is not a registry, as HOST, HOST:PORT or HOST/PATH", err);
	if (*field)
		return wrong(p, item, "it is set twice", err);
	*field = str_dup(item->text);
	return 0;
}

static int take_flag(
	struct parsing *p, const struct toml_item *item, bool *field, struct werr **err)
{
	if (item->kind != TOML_BOOL)
		return wrong(p, item, "it is neither true nor false", err);
	*field = str_eq(item->text, "true");
	return 0;
}

static int take_which(struct parsing *p, const struct toml_item *item, struct werr **err)
{
	struct registry_mirror *m = current_mirror(p);

	m->for_tags = str_eq(item->text, "all") || str_eq(item->text, "tag-only");
	m->for_digests = str_eq(item->text, "all") || str_eq(item->text, "digest-only");
	if (item->kind != TOML_STRING || (!m->for_tags && !m->for_digests))
		return wrong(p, item, "it is neither all, digest-only nor tag-only", err);
	return 0;
}

static int take_registry(struct parsing *p, const struct toml_item *item, struct werr **err)
{
	struct registry_conf *r = current(p);
	const struct {
		const char *key;
		bool *field;
	} flags[] = {{"insecure", &r->insecure}, {"blocked", &r->blocked},
		{"mirror-by-digest-only", &r->mirror_by_digest_only}};

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (str_eq(item->key, flags[i].key))
			return take_flag(p, item, flags[i].field, err);
	if (str_eq(item->key, "prefix"))
		return take_location(p, item, PREFIX, &r->prefix, err);
	if (str_eq(item->key, "location"))
		return take_location(p, item, LOCATION, &r->location, err);
	return 0;
}

/* The parser skips lists and braces, in which these would be overlooked. */
static bool is_overlooked(const struct parsing *p, const struct toml_item *item)
{
	return item->kind == TOML_GROUP &&
	       ((p->place == ELSEWHERE && str_eq(item->key, "registry")) ||
		       (p->place == IN_REGISTRY && str_eq(item->key, "mirror")));
}

static int take_item(const struct toml_item *item, void *ctx, struct werr **err)
{
	struct parsing *p = ctx;

	if (item->kind == TOML_TABLE || item->kind == TOML_ENTRY)
		return begin_table(p, item, err);
	if (is_overlooked(p, item))
		return wrong(p, item,
			"it must be [[registry]] or [[registry.mirror]] on a line of its own", err);
	if (p->place == IN_REGISTRY)
		return take_registry(p, item, err);
	if (p->place == ELSEWHERE)
		return 0;
	if (str_eq(item->key, "location"))
		return take_location(p, item, LOCATION, &current_mirror(p)->location, err);
	if (str_eq(item->key, "insecure"))
		return take_flag(p, item, &current_mirror(p)->insecure, err);
	return str_eq(item->key, "pull-from-mirror") ? take_which(p, item, err) : 0;
}

static int finish_registry(const char *name, struct registry_conf *r, struct werr **err)
{
	if (!r->prefix)
		r->prefix = str_dup(r->location);
	if (!r->prefix)
		return werr_set(err, WERR_INVALID,
			"%s: a [[registry]] has neither a prefix nor a location", name);
	for (size_t i = 0; i < r->n; i++) {
		if (!r->mirrors[i].location)
			return werr_set(err, WERR_INVALID, "%s: a mirror of %s has no location",
				name, r->prefix);
		if (r->mirror_by_digest_only)
			r->mirrors[i].for_tags = false;
	}
	return 0;
}

/* Hands over r. */
static int add_registry(struct registries_conf *c, struct registry_conf *r, struct werr **err)
{
	for (size_t i = 0; i < c->n; i++)
		if (str_eq(c->items[i].prefix, r->prefix)) {
			registry_conf_clear(&c->items[i]);
			c->items[i] = *r;
			*r = (struct registry_conf){0};
			return 0;
		}
	if (c->n >= REGISTRIES_MAX)
		return werr_set(
			err, WERR_LIMIT, "more than %d registries are configured", REGISTRIES_MAX);
	mem_grow(&c->items, c->n, &c->cap, sizeof(*c->items));
	c->items[c->n++] = *r;
	*r = (struct registry_conf){0};
	return 0;
}

int registries_conf_parse(const char *name, const char *text, size_t size,
	struct registries_conf *ret, struct werr **err)
{
	struct parsing p = {.name = name};
	int r = toml_parse(name, text, size, take_item, &p, err);

	for (size_t i = 0; r == 0 && i < p.found.n; i++)
		r = finish_registry(name, &p.found.items[i], err);
	for (size_t i = 0; r == 0 && i < p.found.n; i++)
		r = add_registry(ret, &p.found.items[i], err);
	registries_conf_cleanup(&p.found);
	return r;
}

/* ---- which files ---- */

static int read_file(
	const char *path, struct registries_conf *ret, bool *ret_there, struct werr **err)
{
	CLEANUP(werr) struct werr *why = NULL;
	CLEANUP(free) char *text = NULL;
	size_t size;
	int r = file_read_at_once(path, TOML_SIZE_MAX, &text, &size, &why);

	*ret_there = r != -ENOENT && r != -ENOTDIR;
	if (!*ret_there)
		return 0;
	if (r < 0)
		werr_pass(err, STEAL(why));
	return r < 0 ? r : registries_conf_parse(path, text, size, ret, err);
}

static int note_name(
	ATTR_UNUSED int dir_fd, const char *name, void *ctx, ATTR_UNUSED struct werr **err)
{
	if (str_ends_with(name, ".conf"))
		strv_add(ctx, name);
	return 0;
}

static int read_dir(const char *dir, struct registries_conf *ret, struct werr **err)
{
	CLEANUP(strv) struct strv names = {0};
	const char *name;
	int r = file_visit_dir(dir, FILE_ABSENT_IS_EMPTY, note_name, &names, err);

	strv_sort(&names);
	STRV_FOREACH (name, &names) {
		CLEANUP(free) char *path = path_join(dir, name);
		bool there;

		if (r == 0)
			r = read_file(path, ret, &there, err);
	}
	return r;
}

char *registries_own_dir(void)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

	if (config && *config)
		return path_join(config, "containers");
	return home && *home ? path_join(home, ".config/containers") : NULL;
}

int registries_conf_read(struct registries_conf *ret, struct werr **err)
{
	const char *chosen = getenv("CONTAINERS_REGISTRIES_CONF");
	CLEANUP(free) char *own = registries_own_dir();
	const char *const dirs[] = {own, "/etc/containers"};
	bool there = false;
	int r = 0;

	if (chosen && *chosen)
		return read_file(chosen, ret, &there, err);
	for (size_t i = 0; r == 0 && !there && i < ARRAY_SIZE(dirs); i++) {
		CLEANUP(free) char *path = dirs[i] ? path_join(dirs[i], "registries.conf") : NULL;

		if (path)
			r = read_file(path, ret, &there, err);
	}
	/* The user's own come last and win. */
	for (size_t i = ARRAY_SIZE(dirs); r == 0 && i > 0; i--) {
		CLEANUP(free)
		char *path = dirs[i - 1] ? path_join(dirs[i - 1], "registries.conf.d") : NULL;

		if (path)
			r = read_dir(path, ret, err);
	}
	return r;
}

/* ---- what they say of an image ---- */

/* How many bytes of the name the prefix covers; 0: it is for something else. */
static size_t prefix_size(const char *prefix, const char *name)
{
	size_t n = strlen(prefix), host = strcspn(name, "/:");

	if (prefix[0] == '*')
		return host > n - 1 && strncasecmp(name + host - (n - 1), prefix + 1, n - 1) == 0
			       ? host
			       : 0;
	return strncmp(name, prefix, n) == 0 && (!name[n] || name[n] == '/') ? n : 0;
}

const struct registry_conf *registries_conf_find(const struct registries_conf *c, const char *name)
{
	const struct registry_conf *best = NULL;
	size_t best_size = 0;

	for (size_t i = 0; i < c->n; i++) {
		const struct registry_conf *r = &c->items[i];
		size_t size = prefix_size(r->prefix, name) ? strlen(r->prefix) : 0;

		if (size > best_size) {
			best = r;
			best_size = size;
		}
	}
	return best;
}

char *registry_conf_rewrite(const struct registry_conf *r, const char *location, const char *name)
{
	return str_printf("%s%s", location, name + prefix_size(r->prefix, name));
}
