/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/build-yml.h"

#include <string.h>

#include "base/mem.h"
#include "base/path.h"
#include "data/json.h"
#include "yaml/yaml.h"
#include "pkg/yml-fields.h"

enum { CONFIG_SIZE_MAX = 1 << 20 };

static const char *const known_suites[] = {"bookworm", "trixie", NULL};

/* ---- readers of values ---- */

static void read_suite(struct yml_context *c, const char *key, const struct node *n, void *dst)
{
	yml_text(c, key, n, dst);
	for (size_t i = 0; known_suites[i]; i++)
		if (str_eq(n->text, known_suites[i]))
			return;
	yml_error(c, n, "unknown suite '%s'; use bookworm (Debian 12) or trixie (Debian 13)",
		n->text);
}

/*
 * Whether a name is safe as an argument of apt: not an option, and not followed by a version or a
 * release.
 */
static bool is_package(const char *name)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789+-.";
	size_t size = strlen(name);

	return size >= 2 && name[0] != '-' && name[0] != '.' && name[0] != '+' &&
	       name[size - 1] != '-' && !name[strspn(name, allowed)];
}

/* A name may contain $ARCH once, which becomes Debian's name of the architecture. */
static void read_package(struct yml_context *c, const char *key, const struct node *n, void *dst)
{
	const char *arch = n->kind == NODE_SCALAR ? strstr(n->text, PKG_DEBIAN_ARCH) : NULL;
	CLEANUP(free)
	char *name = arch ? str_printf("%.*sarch%s", (int)(arch - n->text), n->text,
				    arch + strlen(PKG_DEBIAN_ARCH))
			  : str_dup(n->text);

	if (n->kind != NODE_SCALAR || !is_package(name))
		yml_error(c, n, "'%s' is not the name of a Debian package",
			n->kind == NODE_SCALAR ? n->text : node_kind_name(n));
	else
		yml_text(c, key, n, dst);
}

static void read_packages(struct yml_context *c, const char *key, const struct node *n, void *dst)
{
	if (!yml_is_list(c, key, n))
		return;
	for (size_t i = 0; i < n->n; i++) {
		char *name = NULL;

		read_package(c, key, n->items[i], &name);
		if (name)
			strv_take(dst, name);
	}
}

static void read_keep(struct yml_context *c, const char *key, const struct node *n, void *dst)
{
	struct pkg_debian *d = dst;

	d->keep_node = n;
	yml_texts(c, key, n, &d->keep);
	for (size_t i = 0; n->kind == NODE_LIST && i < n->n; i++)
		if (n->items[i]->kind == NODE_SCALAR && n->items[i]->text[0] != '/')
			yml_error(c, n->items[i], "the pattern '%s' must begin with a slash",
				n->items[i]->text);
}

static void read_debian(struct yml_context *c, const char *key, const struct node *n, void *dst)
{
	static const struct yml_field fields[] = {
		{"suite", read_suite, offsetof(struct pkg_debian, suite)},
		{"packages", read_packages, offsetof(struct pkg_debian, packages),
			.required = true},
		{"keep", read_keep, 0, .required = true},
		{0},
	};
	struct pkg_debian *d = dst;

	yml_read(c, key, n, fields, d);
	if (!d->suite)
		d->suite = str_dup(known_suites[0]);
}

static void read_sources(struct yml_context *c, const char *key, const struct node *n, void *dst)
{
	static const struct yml_field fields[] = {
		{"package", read_package, offsetof(struct pkg_source, package), .required = true},
		{"suite", read_suite, offsetof(struct pkg_source, suite)},
		{"patches", yml_bool, offsetof(struct pkg_source, patches)},
		{0},
	};
	struct pkg_yml *y = dst;
	size_t cap = 0;

	if (!yml_is_list(c, key, n))
		return;
	for (size_t i = 0; i < n->n; i++) {
		CLEANUP(free) char *what = str_printf("build.sources[%zu]", i);
		struct pkg_source *s;

		mem_grow(&y->build.sources, y->build.n_sources, &cap, sizeof(*s));
		s = &y->build.sources[y->build.n_sources++];
		yml_read(c, what, n->items[i], fields, s);
		if (!s->suite)
			s->suite = str_dup(known_suites[0]);
	}
}

static void read_build(struct yml_context *c, const char *key, const struct node *n, void *dst)
{
	static const struct yml_field fields[] = {
		{"run", yml_text, offsetof(struct pkg_yml, build.run), .required = true},
		{"suite", read_suite, offsetof(struct pkg_yml, build.suite)},
		{"packages", read_packages, offsetof(struct pkg_yml, build.packages)},
		{"sources", read_sources, 0},
		{"debian", read_debian, offsetof(struct pkg_yml, build.debian)},
		{0},
	};

	struct pkg_yml *y = dst;

	yml_read(c, key, n, fields, y);
	if (!y->build.suite)
		y->build.suite = str_dup(known_suites[0]);
}

/* ---- files ---- */

struct file_entry {
	char *path, *source, *symlink;
	const struct node *contents;
	bool directory;
	uint64_t mode, uid, gid;
	bool has_mode;
};

static void read_contents(struct yml_context *c, const char *key, const struct node *n, void *dst)
{
	if (n->kind != NODE_SCALAR)
		yml_error(c, n, "'%s' must be a text, not %s", key, node_kind_name(n));
	*(const struct node **)dst = n;
}

static void read_mode(struct yml_context *c, const char *key, const struct node *n, void *dst)
{
	struct file_entry *e = dst;

	if (n->kind != NODE_SCALAR || str_to_u64(n->text, 8, &e->mode) < 0 || e->mode > 07777)
		yml_error(c, n, "'%s' must be an octal number like \"0755\"", key);
	e->has_mode = true;
}

static void read_id(struct yml_context *c, const char *key, const struct node *n, void *dst)
{
	if (!node_to_u64(n, dst) || *(uint64_t *)dst >= UINT32_MAX)
		yml_error(c, n, "'%s' must be a number", key);
}

static const struct yml_field file_fields[] = {
	{"path", yml_text, offsetof(struct file_entry, path), .required = true},
	{"source", yml_text, offsetof(struct file_entry, source)},
	{"contents", read_contents, offsetof(struct file_entry, contents)},
	{"symlink", yml_text, offsetof(struct file_entry, symlink)},
	{"directory", yml_bool, offsetof(struct file_entry, directory)},
	{"mode", read_mode, 0},
	{"uid", read_id, offsetof(struct file_entry, uid)},
	{"gid", read_id, offsetof(struct file_entry, gid)},
	{0},
};

/* Exactly one of the ways to fill a file must be used. */
static void set_kind(
	struct yml_context *c, const struct node *n, const struct file_entry *e, struct pkg_file *f)
{
	unsigned ways =
		(e->source != NULL) + (e->contents != NULL) + (e->symlink != NULL) + e->directory;

	if (ways != 1) {
		yml_error(c, n,
			"a file needs one of source, contents, symlink and directory, not %u",
			ways);
		return;
	}
	f->kind = e->source     ? PKG_FILE_SOURCE
		  : e->contents ? PKG_FILE_CONTENTS
		  : e->symlink  ? PKG_FILE_SYMLINK
				: PKG_FILE_DIRECTORY;
	f->text = str_dup(e->source ? e->source : e->contents ? e->contents->text : e->symlink);
	f->size = e->contents ? e->contents->size : 0;
}

/* Whether the path is in the package's directory; links there are handled when it is opened. */
static void check_source(struct yml_context *c, const struct node *n, const char *source)
{
	const char *rest = str_after(source, PKG_OUT);
	const char *path = rest && *rest == '/' ? rest + 1 : rest && !*rest ? rest : source;
	CLEANUP(free) char *inside = path_inside(path);

	if (!inside || *path == '/')
		yml_error(c, n,
			"the source '%s' is not in the package's directory; extra-sources can add "
			"another one",
			source);
}

static void take_file(
	struct yml_context *c, const char *what, const struct node *n, struct pkg_file *f)
{
	struct file_entry e = {0};

	f->node = n;
	yml_read(c, what, n, file_fields, &e);
	if (n->kind == NODE_MAP)
		set_kind(c, n, &e, f);
	if (e.source)
		check_source(c, n, e.source);
	if (e.path) {
		f->path = path_inside(e.path);
		if (!f->path || !*f->path)
			yml_error(c, n, "the path '%s' can't be in an image", e.path);
	}
	f->has_mode = e.has_mode;
	f->mode = (uint32_t)e.mode;
	f->uid = (uint32_t)e.uid;
	f->gid = (uint32_t)e.gid;
	free(e.path);
	free(e.source);
	free(e.symlink);
}

static void read_files(struct yml_context *c, const char *key, const struct node *n, void *dst)
{
	struct pkg_yml *y = dst;
	size_t cap = 0;

	if (!yml_is_list(c, key, n))
		return;
	for (size_t i = 0; i < n->n; i++) {
		CLEANUP(free) char *what = str_printf("files[%zu]", i);

		mem_grow(&y->files, y->n_files, &cap, sizeof(*y->files));
		take_file(c, what, n->items[i], &y->files[y->n_files++]);
	}
}

/* ---- the file ---- */

static void read_extras(struct yml_context *c, const char *key, const struct node *n, void *dst)
{
	CLEANUP(strv) struct strv texts = {0};
	struct pkg_yml *y = dst;
	const char *text;
	size_t cap = 0;

	yml_texts(c, key, n, &texts);
	STRV_FOREACH (text, &texts) {
		CLEANUP(strv) struct strv parts = {0};
		CLEANUP(free) char *dst_path = NULL;
		struct pkg_extra *x;

		strv_split(&parts, text, ':');
		if (parts.n == 2 && *parts.items[0])
			dst_path = path_inside(parts.items[1]);
		if (!dst_path) {
			yml_error(c, n, "'%s' in %s must be \"src:dst\"", text, key);
			continue;
		}
		mem_grow(&y->extras, y->n_extras, &cap, sizeof(*x));
		x = &y->extras[y->n_extras++];
		x->src = path_join(c->dir, parts.items[0]);
		x->dst = STEAL(dst_path);
	}
}

static void read_config(struct yml_context *c, const char *key, const struct node *n, void *dst)
{
	CLEANUP(buf) struct buf b = BUF_INIT(CONFIG_SIZE_MAX);
	struct json_writer w = JSON_WRITER(&b, 0);
	struct pkg_yml *y = dst;

	if (n->kind != NODE_MAP) {
		yml_error(c, n, "'%s' must be a map of keys, not %s", key, node_kind_name(n));
		return;
	}
	json_node(&w, n);
	if (buf_error(&b) < 0)
		yml_error(c, n, "'%s' is larger than %d bytes", key, CONFIG_SIZE_MAX);
	else
		y->config = buf_steal(&b);
	y->config_node = n;
}

static const struct yml_field top_fields[] = {
	{"image", yml_text, offsetof(struct pkg_yml, image), .required = true},
	{"org", yml_text, offsetof(struct pkg_yml, org)},
	{"tag", yml_text, offsetof(struct pkg_yml, tag)},
	{"arches", yml_texts, offsetof(struct pkg_yml, arches)},
	{"extra-sources", read_extras, 0},
	{"config", read_config, 0},
	{"entrypoint", yml_texts, offsetof(struct pkg_yml, entrypoint)},
	{"build", read_build, 0},
	{"debian", read_debian, offsetof(struct pkg_yml, debian)},
	{"files", read_files, 0},
	{"network", yml_bool, offsetof(struct pkg_yml, network)},
	/* These keys are for BuildKit, or name where the sources are kept. */
	{"gitrepo", yml_ignored, 0},
	{"disable-cache", yml_ignored, 0},
	{"buildArgs", yml_ignored, 0},
	{"dockerfile", yml_ignored, 0},
	{"depends", yml_ignored, 0},
	{0},
};

int pkg_yml_parse(const char *name, const char *text, size_t size, const char *dir,
	struct pkg_yml **ret, struct werr **err)
{
	CLEANUP(pkg_yml) struct pkg_yml *y = mem_new(struct pkg_yml);
	struct yml_context c = {.dir = dir};
	int r = yaml_parse(name, text, size, &y->document, err);

	if (r < 0)
		return r;
	yml_read(&c, "build.yml", y->document->root, top_fields, y);
	if (c.errors) {
		r = werr_code(c.errors->kind);
		werr_pass(err, c.errors);
		return r;
	}
	*ret = STEAL(y);
	return 0;
}

bool pkg_yml_has_content(const struct pkg_yml *y)
{
	return y->build.run || y->debian.packages.n || y->n_files;
}

static void debian_clear(struct pkg_debian *d)
{
	free(d->suite);
	strv_clear(&d->packages);
	strv_clear(&d->keep);
}

void pkg_yml_free(struct pkg_yml *y)
{
	if (!y)
		return;
	document_free(y->document);
	free(y->image);
	free(y->org);
	free(y->tag);
	free(y->config);
	strv_clear(&y->arches);
	strv_clear(&y->entrypoint);
	for (size_t i = 0; i < y->n_extras; i++) {
		free(y->extras[i].src);
		free(y->extras[i].dst);
	}
	free(y->extras);
	free(y->build.run);
	free(y->build.suite);
	strv_clear(&y->build.packages);
	for (size_t i = 0; i < y->build.n_sources; i++) {
		free(y->build.sources[i].package);
		free(y->build.sources[i].suite);
	}
	free(y->build.sources);
	debian_clear(&y->build.debian);
	debian_clear(&y->debian);
	for (size_t i = 0; i < y->n_files; i++) {
		free(y->files[i].path);
		free(y->files[i].text);
	}
	free(y->files);
	free(y);
}
