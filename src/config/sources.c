/* SPDX-License-Identifier: Apache-2.0 */
#include "config/sources.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/path.h"
#include "yaml/yaml.h"

enum { URL_SIZE_MAX = 8192 };

/* The files that are being read, each because of an `include` in the one before it. */
struct chain {
	const struct chain *up;
	const char *identity;
	const struct document *document;
	const struct node *include; /* what it includes now */
	unsigned depth;
};

void sources_cleanup(struct sources *s)
{
	strv_clear(&s->seen);
}

bool source_is_url(const char *name)
{
	return str_after(name, "http://") || str_after(name, "https://");
}

/* The path of a URL without "." and ".." in it: RFC 3986 section 5.2.4. It begins with a slash. */
static void add_without_dots(struct buf *out, const char *path, size_t size)
{
	size_t root = out->len;

	for (const char *end = path + size; path < end;) {
		const char *slash = memchr(path + 1, '/', (size_t)(end - path - 1));
		size_t n = (size_t)((slash ? slash : end) - path);
		bool up = n == 3 && memcmp(path, "/..", 3) == 0;

		if (up || (n == 2 && path[1] == '.')) {
			while (up && out->len > root && out->data[out->len - 1] != '/')
				buf_truncate(out, out->len - 1);
			if (up && out->len > root)
				buf_truncate(out, out->len - 1);
			if (!slash)
				buf_putc(out, '/');
		} else {
			buf_add(out, path, n);
		}
		path += n;
	}
}

/* A path from the directory that the URL is in. */
static char *resolve_in_url(const char *url, const char *written)
{
	const char *authority = strstr(url, "//") + 2;
	size_t host_end = (size_t)(authority - url) + strcspn(authority, "/?#");
	size_t dir_end = strcspn(url, "?#"), size = strcspn(written, "?#");
	CLEANUP(free) char *path = NULL;
	CLEANUP(buf) struct buf out = BUF_INIT(URL_SIZE_MAX);

	while (dir_end > host_end && url[dir_end - 1] != '/')
		dir_end--;
	path = str_printf("%.*s%s%.*s", (int)(dir_end - host_end), url + host_end,
		dir_end == host_end ? "/" : "", (int)size, written);
	buf_add(&out, url, host_end);
	add_without_dots(&out, path, strlen(path));
	buf_puts(&out, written + size);
	return buf_steal(&out);
}

char *source_resolve(const char *file, const char *written)
{
	CLEANUP(free) char *dir = NULL;

	if (source_is_url(written))
		return str_dup(written);
	if (source_is_url(file))
		return resolve_in_url(file, written);
	dir = path_dir(file);
	return path_join(str_eq(dir, ".") ? "" : dir, written);
}

int sources_read(const struct config_options *options, const char *name, char **ret,
	size_t *ret_size, struct werr **err)
{
	bool url = source_is_url(name);
	config_read *read = url ? options->fetch : options->read;

	if (read)
		return read(name, ret, ret_size, options->ctx, err);
	return werr_set(err, WERR_UNSUPPORTED, "can't read %s: %s can't be read here", name,
		url ? "URLs" : "files");
}

/* Two names of one file count as one file. */
static char *identity_of(const char *name)
{
	char *real = source_is_url(name) ? NULL : realpath(name, NULL);

	return real ? real : str_dup(name);
}

static void add_document(struct sources *s, struct document *d)
{
	mem_grow(&s->c->documents, s->c->n_documents, &s->cap, sizeof(d));
	s->c->documents[s->c->n_documents++] = d;
}

/* ---- include ---- */

static void load(struct sources *s, const struct chain *up, const char *name, const char *text,
	size_t size, const char *identity);

/* "a.yml:3:5 includes b.yml, b.yml:1:9 includes a.yml" */
static void loop_mistake(
	struct sources *s, const struct chain *from, const struct chain *to, const char *name)
{
	CLEANUP(buf) struct buf text = BUF_INIT(8192);
	CLEANUP(free)
	const struct chain **links = mem_new_array(const struct chain *, to->depth + 1);
	size_t n = 0;

	for (const struct chain *l = to; l; l = l == from ? NULL : l->up)
		links[n++] = l;
	while (n-- > 0) {
		const struct chain *l = links[n];

		buf_printf(&text, "%s%.200s:%u:%u includes %.200s", text.len ? ", " : "",
			l->document->name, l->include->line, l->include->column,
			n > 0 ? links[n - 1]->document->name : name);
	}
	checker_add(s->checker, to->include, "files include each other: %s", buf_str(&text));
}

/* false: it was a mistake, or is not to be read again. */
static bool is_wanted(
	struct sources *s, const struct chain *chain, const char *name, const char *identity)
{
	for (const struct chain *l = chain; l; l = l->up)
		if (str_eq(l->identity, identity)) {
			loop_mistake(s, l, chain, name);
			return false;
		}
	if (strv_has(&s->seen, identity))
		return false;
	if (chain->depth < INCLUDE_DEPTH_MAX && s->n_included < INCLUDE_FILES_MAX)
		return true;
	checker_add(s->checker, chain->include, "%s",
		chain->depth < INCLUDE_DEPTH_MAX ? "too many files are included"
						 : "files are included too many levels deep");
	checker_hint(s->checker, "the limits are %d files and %d levels", (int)INCLUDE_FILES_MAX,
		(int)INCLUDE_DEPTH_MAX);
	return false;
}

/* A file from the network must not name files of this machine. */
static bool may_include(struct sources *s, const struct document *d, const struct node *n)
{
	if (str_eq(n->text, "-")) {
		checker_add(s->checker, n, "stdin can't be included");
		return false;
	}
	if (source_is_url(d->name) && n->text[0] == '/') {
		checker_add(
			s->checker, n, "a file from the network can't include '%.80s'", n->text);
		checker_hint(s->checker, "write a path relative to the file, or a full URL");
		return false;
	}
	return true;
}

static void include(
	struct sources *s, const struct chain *chain, struct document *d, struct node *n)
{
	CLEANUP(free) char *name = NULL;
	CLEANUP(free) char *identity = NULL;
	CLEANUP(free) char *text = NULL;
	struct werr *err = NULL;
	size_t size;

	if (n->kind != NODE_SCALAR || node_scalar_type(n) != SCALAR_TEXT || !n->size ||
		strlen(n->text) != n->size)
		return; /* the table check refuses it */
	if (!variables_expand(s->given, s->checker, n) || !may_include(s, d, n))
		return;
	name = source_resolve(d->name, n->text);
	identity = identity_of(name);
	if (!is_wanted(s, chain, name, identity))
		return;
	s->n_included++;
	if (sources_read(s->options, name, &text, &size, &err) < 0) {
		s->checker->incomplete = true;
		checker_take(s->checker, n, err);
		return;
	}
	load(s, chain, name, text, size, identity);
}

static void load(struct sources *s, const struct chain *up, const char *name, const char *text,
	size_t size, const char *identity)
{
	struct chain here = {.up = up, .identity = identity, .depth = up ? up->depth + 1 : 0};
	const struct node *list;
	struct document *d = NULL;
	struct werr *mistakes = NULL, *err = NULL;
	/*
	 * The query of a signed URL is a secret, which is not shown with each mistake; paths don't
	 * go on from it anyway.
	 */
	CLEANUP(free)
	char *shown = str_dup_n(name, source_is_url(name) ? strcspn(name, "?#") : strlen(name));
	int r = yaml_read(shown, text, size, &d, &mistakes, &err);

	checker_take_list(s->checker, mistakes);
	checker_take_list(s->checker, err);
	if (r < 0)
		return;
	here.document = d;
	list = node_get(d->root, "include");
	for (size_t i = 0; list && list->kind == NODE_LIST && i < list->n; i++) {
		here.include = list->items[i];
		include(s, &here, d, list->items[i]);
	}
	strv_add(&s->seen, identity);
	add_document(s, d);
}

void sources_add(struct sources *s, const struct config_text *text)
{
	bool is_stdin = str_eq(text->name, "-");
	CLEANUP(free) char *identity = is_stdin ? str_dup("-") : identity_of(text->name);
	CLEANUP(free) char *read = NULL;
	struct werr *err = NULL;
	size_t size = text->size;

	if (!text->text && sources_read(s->options, text->name, &read, &size, &err) < 0) {
		checker_take_list(s->checker, err);
		return;
	}
	load(s, NULL, is_stdin ? "stdin" : text->name, read ? read : text->text, size, identity);
}
