/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/package.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/path.h"
#include "oci/reference.h"
#include "pkg/beneath.h"
#include "pkg/git-digits.h"
#include "pkg/git-hash.h"
#include "pkg/git-tree.h"
#include "pkg/git.h"
#include "pkg/yml-include.h"

#define DEFAULT_ORG "wherry"
#define DEFAULT_TAG "{{.Hash}}"

enum { TAG_MAX = 1024 };

void pkg_free(struct pkg *p)
{
	if (!p)
		return;
	pkg_yml_free(p->yml);
	free(p->dir);
	free(p->top);
	free(p->yml_name);
	free(p->hash);
	free(p->name);
	reference_cleanup(&p->reference);
	free(p);
}

int pkg_fill_tag(const char *template, const char *hash, char **ret, struct werr **err)
{
	CLEANUP(buf) struct buf b = BUF_INIT(TAG_MAX);

	for (const char *p = template; *p;) {
		const char *open = strstr(p, "{{"), *close = open ? strstr(open, "}}") : NULL;
		CLEANUP(free) char *word = NULL;

		if (!open) {
			buf_puts(&b, p);
			break;
		}
		buf_add(&b, p, (size_t)(open - p));
		open += 2 + strspn(open + 2, " ");
		word = close && close >= open ? str_dup_n(open, strcspn(open, " }")) : str_dup("");
		if (!str_eq(word, ".Hash")) {
			int r = werr_set(
				err, WERR_UNSUPPORTED, "can't fill in the tag '%s'", template);

			werr_hint(err, "only {{.Hash}} is known");
			return r;
		}
		buf_puts(&b, hash);
		p = close + 2;
	}
	if (buf_error(&b) < 0)
		return werr_set(err, WERR_LIMIT, "the tag is longer than %d bytes", TAG_MAX);
	*ret = buf_steal(&b);
	return 0;
}

/* Open it inside the directory, wherever links point. */
static int read_text(
	struct pkg *p, const char *path, char **ret, size_t *ret_size, struct werr **err)
{
	CLEANUP(fd) int dir = open(p->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), fd = -1;
	struct stat st;
	int r;

	if (dir < 0)
		return werr_errno(err, errno, "can't open %s", p->dir);
	r = beneath_open(dir, p->yml_name, O_RDONLY | O_NONBLOCK, path, &fd, err);
	if (r < 0)
		return r;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return werr_set(err, WERR_INVALID, "%s is not a regular file", path);
	return file_read_fd(fd_steal(&fd), path, PKG_YML_MAX, ret, ret_size, err);
}

static int read_yml(struct pkg *p, const char *dir, const char *file, struct werr **err)
{
	CLEANUP(free) char *path = path_join(dir, file ? file : "build.yml");
	CLEANUP(free) char *text = NULL;
	size_t size;
	int r;

	p->yml_name = str_dup(file ? file : "build.yml");
	r = read_text(p, path, &text, &size, err);
	if (r == -ENOENT || r == -ENOTDIR)
		werr_hint(err, "a package is a directory with a build.yml");
	return r < 0 ? r : pkg_yml_parse(path, text, size, p->dir, &p->yml, err);
}

static bool is_below(const char *path, const char *dir)
{
	const char *rest = str_after(path, dir);

	return rest && (!*rest || *rest == '/' || str_eq(dir, "/"));
}

/* Find the directory to be hashed: the package's own, or one that contains it. */
static int find_hash_directory(
	const struct pkg *p, const char *hash_path, char **ret, struct werr **err)
{
	CLEANUP(free) char *path = realpath(hash_path ? hash_path : p->dir, NULL);

	if (!path)
		return werr_errno(err, errno, "can't find the directory %s", hash_path);
	if (!is_below(p->dir, path))
		return werr_set(err, WERR_USAGE, "--hash-path %s is not a parent directory of %s",
			hash_path, p->dir);
	*ret = STEAL(path);
	return 0;
}

/* The author of a foreign build.yml must not be able to point it at any file of this machine. */
static int check_beside(const struct pkg *p, const char *what, const char *real, struct werr **err)
{
	int r;

	if (p->top && is_below(real, p->top))
		return 0;
	r = p->top ? werr_set(err, WERR_INVALID, "the %s %s is not in %s", what, real, p->top)
		   : werr_set(err, WERR_INVALID, "%s has %ss, and is not in a git repository",
			     p->dir, what);
	werr_hint(err, "a package can only name what is in its git repository");
	return r;
}

int pkg_find_beside(
	const struct pkg *p, const char *what, const char *path, char **ret, struct werr **err)
{
	CLEANUP(free) char *real = realpath(path, NULL);
	int r = real ? check_beside(p, what, real, err)
		     : werr_errno(err, errno, "can't find the %s %s", what, path);

	if (r == 0)
		*ret = STEAL(real);
	return r;
}

/* Which repository the package is in; or with which others it was installed. */
static void find_top(struct pkg *p, const struct strv *tops)
{
	CLEANUP(git_place) struct git_place place = {0};
	const char *top;

	if (git_find(p->dir, &place, NULL) == 0) {
		p->top = STEAL(place.top);
		p->in_git = true;
	}
	if (!tops)
		return;
	/* A repository that happens to be above, as in a home directory, does not have it. */
	STRV_FOREACH (top, tops)
		if (is_below(p->dir, top) && (!p->top || is_below(top, p->top)) &&
			!(p->top && str_eq(p->top, top))) {
			str_replace(&p->top, top);
			p->in_git = false;
		}
}

static int hash_of_files(const char *path, struct strv *hashes, struct werr **err)
{
	CLEANUP(strv) struct strv names = {0};
	char hash[GIT_HASH_DIGITS + 1];
	struct stat st;
	int r = stat(path, &st) < 0 ? werr_errno(err, errno, "can't read %s", path) : 0;

	if (r == 0 && S_ISDIR(st.st_mode))
		r = pkg_list(path, PKG_LIST_FILES, &names, err);
	if (r == 0)
		r = git_tree_hash(path, &names, hash, err);
	if (r == 0)
		strv_add(hashes, hash);
	return r;
}

/* The hash that git would give to the same files. */
static int find_hash_without_git(
	struct pkg *p, const char *directory, bool force_dirty, struct werr **err)
{
	CLEANUP(strv) struct strv hashes = {0};
	CLEANUP(free) char *all = NULL;
	char hash[GIT_HASH_DIGITS + 1];
	int r = hash_of_files(directory, &hashes, err);

	for (size_t i = 0; r == 0 && i < p->yml->n_extras; i++) {
		CLEANUP(free) char *real = NULL;

		r = pkg_find_beside(p, "extra source", p->yml->extras[i].src, &real, err);
		if (r == 0)
			r = hash_of_files(real, &hashes, err);
	}
	if (r < 0)
		return r;
	all = strv_join(&hashes, "");
	str_copy(hash, sizeof(hash), all);
	if (hashes.n > 1)
		git_hash_text(all, hash);
	p->hash = force_dirty ? str_printf("%s-dirty-%.7s", hash, hash) : str_dup(hash);
	return 0;
}

static int find_hash(struct pkg *p, const struct pkg_options *o, const struct git_known *known,
	struct werr **err)
{
	CLEANUP(free) char *directory = NULL;
	CLEANUP(strv) struct strv extra = {0};
	int r;

	if (o->dev || o->hash) {
		p->hash = str_dup(o->dev ? "dev" : o->hash);
		p->hash_is_given = true;
		return 0;
	}
	p->listing = p->in_git ? PKG_LIST_GIT : PKG_LIST_FILES;
	for (size_t i = 0; i < p->yml->n_extras; i++)
		strv_add(&extra, p->yml->extras[i].src);
	r = find_hash_directory(p, o->hash_path, &directory, err);
	if (r == 0 && !p->in_git && o->hash_commit)
		r = werr_set(err, WERR_USAGE, "%s has no commits: it is not in a git repository",
			p->dir);
	if (r < 0)
		return r;
	if (!p->in_git)
		return find_hash_without_git(p, directory, o->force_dirty, err);
	r = git_hash(directory, &extra, o->hash_commit ? o->hash_commit : "HEAD", o->force_dirty,
		known, &p->hash, err);
	return r < 0 || !o->linuxkit_dirty ? r : git_digits_of_linuxkit(p->dir, &p->hash, err);
}

/* Not getpwuid(), whose modules a static program can't load; for their users there is $USER. */
static int find_user(char **ret, struct werr **err)
{
	char buffer[4096];
	struct passwd pw, *found = NULL;
	FILE *users = fopen("/etc/passwd", "re");
	const char *name = getenv("USER");

	while (users && fgetpwent_r(users, &pw, buffer, sizeof(buffer), &found) == 0 &&
		found->pw_uid != geteuid())
		found = NULL;
	if (users)
		fclose(users);
	if (found)
		name = found->pw_name;
	if (!name || !*name) {
		int r = werr_set(err, WERR_NOT_FOUND, "the user %u does not have a name",
			(unsigned)geteuid());

		werr_hint(err, "set one with --org");
		return r;
	}
	*ret = str_dup(name);
	return 0;
}

static const char *first(const char *a, const char *b, const char *c)
{
	return a ? a : b ? b : c;
}

static int make_name(struct pkg *p, const struct pkg_options *o, struct werr **err)
{
	CLEANUP(free) char *user = NULL, *tag = NULL;
	const char *default_org = o->default_org ? o->default_org : DEFAULT_ORG;
	int r = o->dev && !o->org ? find_user(&user, err) : 0;

	if (r == 0)
		r = pkg_fill_tag(first(o->tag, p->yml->tag, DEFAULT_TAG), p->hash, &tag, err);
	if (r < 0)
		return r;
	p->name = str_printf("%s/%s:%s", first(o->org, user ? user : p->yml->org, default_org),
		p->yml->image, tag);
	return reference_parse(p->name, &p->reference, err);
}

static int open_directory(
	const char *dir, const struct pkg_options *options, struct pkg **ret, struct werr **err)
{
	CLEANUP(pkg) struct pkg *p = mem_new(struct pkg);
	int r;

	p->dir = realpath(dir, NULL);
	if (!p->dir)
		return werr_errno(err, errno, "can't find the directory %s", dir);
	find_top(p, options->tops);
	r = read_yml(p, dir, options->build_yml, err);
	if (r == 0 && p->yml->include)
		r = pkg_include(p, err);
	if (r < 0)
		return r;
	if (options->network != PKG_NETWORK_AS_SAID)
		p->yml->network = options->network == PKG_NETWORK_ON;
	*ret = STEAL(p);
	return 0;
}

static int find_name(struct pkg *p, const struct pkg_options *options,
	const struct git_known *known, struct werr **err)
{
	int r = find_hash(p, options, known, err);

	return r < 0 ? r : make_name(p, options, err);
}

int pkg_open(
	const char *dir, const struct pkg_options *options, struct pkg **ret, struct werr **err)
{
	CLEANUP(pkg) struct pkg *p = NULL;
	int r = open_directory(dir, options, &p, err);

	if (r == 0)
		r = find_name(p, options, NULL, err);
	if (r == 0)
		*ret = STEAL(p);
	return r;
}

int pkg_tag(const char *dir, const struct pkg_options *options, char **ret, struct werr **err)
{
	CLEANUP(pkg) struct pkg *p = NULL;
	int r = pkg_open(dir, options, &p, err);

	if (r == 0)
		*ret = STEAL(p->name);
	return r;
}

void pkg_tags(
	const struct strv *dirs, const struct pkg_options *options, char **ret, struct werr **errs)
{
	CLEANUP(free) struct pkg **packages = mem_new_array(struct pkg *, dirs->n + 1);
	CLEANUP(git_known) struct git_known *known = NULL;
	CLEANUP(strv) struct strv directories = {0};

	for (size_t i = 0; i < dirs->n; i++) {
		ret[i] = NULL;
		errs[i] = NULL;
		if (open_directory(dirs->items[i], options, &packages[i], &errs[i]) < 0 ||
			!packages[i]->in_git)
			continue;
		strv_add(&directories, packages[i]->dir);
		for (size_t e = 0; e < packages[i]->yml->n_extras; e++)
			strv_add(&directories, packages[i]->yml->extras[e].src);
	}
	known = git_known_new(&directories);
	for (size_t i = 0; i < dirs->n; i++) {
		if (packages[i] && find_name(packages[i], options, known, &errs[i]) == 0)
			ret[i] = STEAL(packages[i]->name);
		pkg_free(packages[i]);
	}
}
