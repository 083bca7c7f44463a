/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/dockerfile-args.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "pkg/dockerfile.h"
#include "pkg/git.h"

enum { FILE_MAX = 1 << 20 };

/* Where arguments come from. */
struct source {
	const struct pkg *package;
	const struct pkg_options *options;
	const char *dir; /* directories are relative to it */
	bool is_foreign; /* build.yml: it may only name what is beside it */
	struct strv *to;
};

/* ---- packages ---- */

static struct pkg_options tag_options(const struct source *s)
{
	return (struct pkg_options){.tops = s->options->tops,
		.default_org = s->options->default_org,
		.linuxkit_dirty = s->options->linuxkit_dirty};
}

/* *ret: the directory without links. */
static int find_directory(const struct source *s, const char *path, char **ret, struct werr **err)
{
	CLEANUP(free) char *full = path_join(s->dir, path);

	if (s->is_foreign)
		return pkg_find_beside(s->package, "package", full, ret, err);
	*ret = realpath(full, NULL);
	return *ret ? 0 : werr_errno(err, errno, "can't find the directory %s", full);
}

static int add_package(
	const struct source *s, const char *name, const char *path, struct werr **err)
{
	const struct pkg_options options = tag_options(s);
	CLEANUP(free) char *dir = NULL, *tag = NULL;
	int r = find_directory(s, path, &dir, err);

	if (r == 0)
		r = pkg_tag(dir, &options, &tag, err);
	if (r == 0)
		strv_addf(s->to, "%s=%s", name, tag);
	return r;
}

/* "EVE_%" and "me/a-b:1" give "EVE_ME_A_B=me/a-b:1". */
static void add_match(const struct source *s, const char *name, const char *tag)
{
	const char *percent = strchr(name, '%'), *colon = strrchr(tag, ':');
	CLEANUP(free) char *image = str_dup_n(tag, colon ? (size_t)(colon - tag) : strlen(tag));

	for (char *c = image; *c; c++) {
		if (*c == '/' || *c == '-')
			*c = '_';
		else if (*c >= 'a' && *c <= 'z')
			*c = (char)(*c - 'a' + 'A');
	}
	strv_addf(s->to, "%.*s%s%s=%s", (int)(percent - name), name, image, percent + 1, tag);
}

struct matching {
	const struct source *source;
	const char *dir, *pattern;
	struct strv *dirs;
};

static int visit_match(int dir_fd, const char *name, void *ctx, struct werr **err)
{
	const struct matching *m = ctx;
	CLEANUP(free) char *path = path_join(m->dir, name);
	CLEANUP(free) char *yml = path_join(path, "build.yml");

	(void)dir_fd, (void)err;
	if (*name != '.' && path_match(m->pattern, name) && file_exists(yml) &&
		!str_eq(path, m->source->package->dir))
		strv_add(m->dirs, path);
	return 0;
}

static int add_matches(
	const struct source *s, const char *name, const char *path, struct werr **err)
{
	const struct pkg_options options = tag_options(s);
	CLEANUP(free) char *parent = path_dir(path), *pattern = path_base(path), *dir = NULL;
	CLEANUP(strv) struct strv dirs = {0};
	struct matching m = {s, NULL, pattern, &dirs};
	int r, result = 0;

	if (!strchr(name, '%'))
		return werr_set(err, WERR_INVALID,
			"the name '%s' has no %%, where each package's "
			"name goes",
			name);
	if (strpbrk(parent, "*?["))
		return werr_set(
			err, WERR_UNSUPPORTED, "only the last name of '%s' may be a pattern", path);
	r = find_directory(s, parent, &dir, err);
	m.dir = dir;
	if (r == 0)
		r = file_visit_dir(dir, FILE_ABSENT_IS_ERROR, visit_match, &m, err);
	if (r == 0 && !dirs.n)
		r = werr_set(err, WERR_NOT_FOUND, "no package matches '%s'", path);
	if (r < 0)
		return r;
	strv_sort(&dirs);
	CLEANUP(free) char **tags = mem_new_array(char *, dirs.n);
	CLEANUP(free) struct werr **errs = mem_new_array(struct werr *, dirs.n);

	pkg_tags(&dirs, &options, tags, errs);
	for (size_t i = 0; i < dirs.n; i++) {
		if (errs[i])
			werr_collect(err, &result, werr_code(errs[i]->kind), errs[i]);
		else
			add_match(s, name, tags[i]);
		free(tags[i]);
	}
	return result;
}

/* ---- one argument ---- */

static const struct {
	const char *prefix;
	int (*add)(const struct source *s, const char *name, const char *path, struct werr **err);
} special[] = {
	{"@lkt:pkg:", add_package},
	{"@lkt:pkgs:", add_matches},
};

static int add_argument(const struct source *s, const char *text, struct werr **err)
{
	const char *equals = strchr(text, '='), *path;
	CLEANUP(free) char *name = NULL;

	if (!equals || equals == text)
		return werr_set(err, WERR_INVALID, "'%s' must be NAME=VALUE", text);
	name = str_dup_n(text, (size_t)(equals - text));
	for (size_t i = 0; i < ARRAY_SIZE(special); i++) {
		path = str_after(equals + 1, special[i].prefix);
		if (path && *path)
			return special[i].add(s, name, path, err);
	}
	if (str_after(equals + 1, "@lkt:"))
		return werr_set(err, WERR_INVALID, "unknown value '%s'", equals + 1);
	strv_add(s->to, text);
	return 0;
}

static int read_file(const struct source *s, const char *file, struct werr **err)
{
	CLEANUP(free) char *text = NULL;
	CLEANUP(strv) struct strv lines = {0};
	size_t size;
	int r = file_read(file, FILE_MAX, &text, &size, err);

	if (r == 0)
		strv_split(&lines, text, '\n');
	for (size_t i = 0; r == 0 && i < lines.n; i++) {
		char *line = lines.items[i];
		size_t n;

		line += strspn(line, " \t");
		for (n = strlen(line); n > 0 && strchr(" \t\r", line[n - 1]); n--)
			line[n - 1] = '\0';
		if (!*line || *line == '#')
			continue;
		r = add_argument(s, line, err);
		if (r < 0)
			werr_wrap(err, "%s:%zu", file, i + 1);
	}
	return r;
}

int dockerfile_args_read(
	const struct pkg *p, const struct pkg_options *options, struct strv *ret, struct werr **err)
{
	struct source s = {p, options, p->dir, true, ret};
	const char *text;
	int r = 0;

	for (size_t i = 0; r == 0 && i < p->yml->build_args.n; i++) {
		r = add_argument(&s, p->yml->build_args.items[i], err);
		if (r < 0)
			werr_wrap(err, "buildArgs of %s/%s", p->dir, p->yml_name);
	}
	s.is_foreign = false;
	for (size_t i = 0; r == 0 && options->arg_files && i < options->arg_files->n; i++) {
		CLEANUP(free) char *dir = NULL;

		text = options->arg_files->items[i];
		dir = path_dir(text);
		s.dir = dir;
		r = read_file(&s, text, err);
	}
	return r;
}

/* ---- what LinuxKit adds ---- */

static int find_commit(const struct pkg *p, char **ret, struct werr **err)
{
	static const char *const args[] = {"rev-parse", "HEAD", NULL};
	CLEANUP(free) char *text = NULL;
	int r;

	if (!p->in_git || strstr(p->hash, "-dirty-"))
		return 0;
	r = git_run(p->top, args, &text, NULL, NULL, err);
	if (r < 0)
		return r;
	text[strcspn(text, "\n")] = '\0';
	*ret = STEAL(text);
	return 0;
}

int dockerfile_args_complete(
	const struct pkg *p, const struct strv *declared, struct strv *args, struct werr **err)
{
	const char *colon = strrchr(p->name, ':');
	CLEANUP(free) char *image = str_dup_n(p->name, (size_t)(colon - p->name)), *commit = NULL;
	int r = strv_has(declared, "REVISION") ? find_commit(p, &commit, err) : 0;
	const struct {
		const char *name, *value;
	} known[] = {
		{"PKG_HASH", p->hash},
		{"PKG_IMAGE", image},
		{"SOURCE", p->yml->gitrepo},
		{"REVISION", commit},
	};

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(known); i++)
		if (known[i].value && strv_has(declared, known[i].name) &&
			!dockerfile_variable(args, known[i].name, strlen(known[i].name)))
			strv_addf(args, "%s=%s", known[i].name, known[i].value);
	return r;
}
