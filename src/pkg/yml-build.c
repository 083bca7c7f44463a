/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/yml-build.h"

#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/path.h"
#include "pkg/build-yml.h"

enum { NAME_SIZE_MAX = 1024 };

const char *const pkg_suites[] = {"bookworm", "trixie", NULL};

static void read_suite(struct yml_context *c, const char *key, const struct node *n, void *dst)
{
	yml_text(c, key, n, dst);
	for (size_t i = 0; pkg_suites[i]; i++)
		if (str_eq(n->text, pkg_suites[i]))
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

/* What may stand for a part of a name, and which text of the architecture's row it is. */
static const struct {
	const char *name;
	size_t offset;
} variables[] = {
	{"$ARCH", offsetof(struct arch, debian)},
	{"$KERNEL", offsetof(struct arch, debian_kernel)},
	{"$TRIPLET", offsetof(struct arch, triplet)},
};

/* What follows the variable that the text begins with, and its value; NULL when there is none. */
static const char *take_variable(const char *text, const struct arch *arch, const char **ret_value)
{
	const char *rest = NULL;

	for (size_t i = 0; !rest && i < ARRAY_SIZE(variables); i++) {
		rest = str_after(text, variables[i].name);
		*ret_value = *(const char *const *)((const char *)arch + variables[i].offset);
	}
	return rest;
}

char *pkg_package_name(const char *name, const struct arch *arch)
{
	CLEANUP(buf) struct buf b = BUF_INIT(NAME_SIZE_MAX);

	while (*name) {
		const char *value, *rest = take_variable(name, arch, &value);

		if (!rest)
			buf_putc(&b, *name++);
		for (; rest && *value; value++) /* there is no '_' in names of packages */
			buf_putc(&b, *value == '_' ? '-' : *value);
		name = rest ? rest : name;
	}
	return buf_error(&b) < 0 ? NULL : buf_steal(&b);
}

static void read_package(struct yml_context *c, const char *key, const struct node *n, void *dst)
{
	/* A name that is right for one architecture is so for all. */
	CLEANUP(free)
	char *name = n->kind == NODE_SCALAR ? pkg_package_name(n->text, &arch_table[0]) : NULL;

	if (!name || !is_package(name))
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

#define SUITE_HELP "Debian's release (default: the first that has the architecture)"

static const struct yml_field debian_fields[] = {
	{"suite", read_suite, offsetof(struct pkg_debian, suite), YML_TEXT, SUITE_HELP,
		.choices = pkg_suites},
	{"non-free-firmware", yml_bool, offsetof(struct pkg_debian, firmware), YML_BOOL,
		"packages may come from Debian's section of firmware that is not free (default: "
		"false)"},
	{"packages", read_packages, offsetof(struct pkg_debian, packages), YML_TEXTS,
		"names; what they depend on is included; $ARCH, $KERNEL and $TRIPLET stand for "
		"what the architecture has",
		.required = true},
	{"keep", read_keep, 0, YML_TEXTS,
		"patterns of the files to keep, with what they need to run; /** is all",
		.required = true,
		.hint = "write keep: [/**] for all files, or patterns such as /usr/sbin/nginx"},
	{0},
};
const struct yml_map yml_debian_map = {"debian", debian_fields};

void yml_debian(struct yml_context *c, const char *key, const struct node *n, void *dst)
{
	struct pkg_debian *d = dst;

	yml_read(c, key, n, debian_fields, d);
}

static const struct yml_field source_fields[] = {
	{"package", read_package, offsetof(struct pkg_source, package), YML_TEXT,
		"name of a Debian source package", .required = true},
	{"suite", read_suite, offsetof(struct pkg_source, suite), YML_TEXT,
		"Debian's release (default: bookworm)", .choices = pkg_suites},
	{"patches", yml_bool, offsetof(struct pkg_source, patches), YML_BOOL,
		"unpack also Debian's own directory, which has its patches"},
	{0},
};
static const struct yml_map source_map = {"source", source_fields};

static void read_sources(struct yml_context *c, const char *key, const struct node *n, void *dst)
{
	struct pkg_yml *y = dst;
	size_t cap = 0;

	if (!yml_is_list(c, key, n))
		return;
	for (size_t i = 0; i < n->n; i++) {
		CLEANUP(free) char *what = str_printf("build.sources[%zu]", i);
		struct pkg_source *s;

		mem_grow(&y->build.sources, y->build.n_sources, &cap, sizeof(*s));
		s = &y->build.sources[y->build.n_sources++];
		yml_read(c, what, n->items[i], source_fields, s);
		if (!s->suite)
			s->suite = str_dup(pkg_suites[0]);
	}
}

static const struct yml_field build_fields[] = {
	{"run", yml_text, offsetof(struct pkg_yml, build.run), YML_TEXT,
		"shell command; its results are in $OUT", .required = true},
	{"suite", read_suite, offsetof(struct pkg_yml, build.suite), YML_TEXT,
		"Debian's release of the root that it runs in (default: as for debian)",
		.choices = pkg_suites},
	{"packages", read_packages, offsetof(struct pkg_yml, build.packages), YML_TEXTS,
		"Debian packages in that root, such as a compiler"},
	{"sources", read_sources, 0, YML_MAPS, "source packages, unpacked below $SOURCES",
		.map = &source_map},
	{"debian", yml_debian, offsetof(struct pkg_yml, build.debian), YML_MAP,
		"files of Debian packages, below $DEBIAN", .map = &yml_debian_map},
	{0},
};
const struct yml_map yml_build_map = {"build", build_fields};

void yml_build(struct yml_context *c, const char *key, const struct node *n, void *dst)
{
	struct pkg_yml *y = dst;

	y->build_node = n;
	yml_read(c, key, n, build_fields, y);
}

void yml_extras(struct yml_context *c, const char *key, const struct node *n, void *dst)
{
	CLEANUP(strv) struct strv texts = {0};
	struct pkg_yml *y = dst;
	const char *text;

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
		mem_grow(&y->extras, y->n_extras, &y->extras_cap, sizeof(*x));
		x = &y->extras[y->n_extras++];
		x->src = path_join(c->dir, parts.items[0]);
		x->dst = STEAL(dst_path);
	}
}
