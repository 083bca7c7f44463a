/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/git-hash.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "hash/sha256.h"
#include "pkg/git-digits.h"
#include "pkg/git-files.h"
#include "pkg/git-tree.h"
#include "pkg/git.h"

enum { DIRTY_DIGITS = 7 };

#define NO_GIT_HINT "add it to git, or build it with --hash and use the image's full name"

/* Find the tree of a directory in a commit (gitrevisions(7), "<rev>:<path>"); NULL: it has none. */
static int ask_tree(const char *dir, const char *commit, char **ret, struct werr **err)
{
	CLEANUP(git_place) struct git_place place = {0};
	CLEANUP(free) char *object = NULL;
	CLEANUP(free) char *hash = NULL;
	int code, r = git_find(dir, &place, err);

	if (r < 0)
		return r;
	object = str_printf("%s:%s", commit, place.inside);
	r = git_run(place.top,
		(const char *[]){
			"rev-parse", "--verify", "--quiet", "--end-of-options", object, NULL},
		&hash, NULL, &code, err);
	if (r < 0)
		return r;
	hash[strcspn(hash, "\n")] = '\0';
	if (code == 0 && git_is_hash(hash))
		*ret = STEAL(hash);
	return 0;
}

/* What a new directory's tree would be when it was committed as it is. */
static int new_tree(const char *dir, char **ret, struct werr **err)
{
	CLEANUP(strv) struct strv names = {0};
	char hash[GIT_HASH_DIGITS + 1];
	int r = git_list_files(dir, &names, err);

	if (r == 0 && names.n == 0)
		r = werr_set(err, WERR_NOT_FOUND, "git knows no file in %s", dir);
	if (r == 0)
		r = git_tree_hash(dir, &names, hash, err);
	if (r == 0)
		*ret = str_dup(hash);
	return r;
}

static int tree_hash(const char *dir, const char *commit, const struct git_known *known, char **ret,
	struct werr **err)
{
	const char *known_hash;
	bool dirty, head = str_eq(commit, "HEAD");
	int r;

	if (head && git_known_get(known, dir, &known_hash, &dirty)) {
		*ret = str_dup(known_hash);
		return 0;
	}
	r = ask_tree(dir, commit, ret, err);
	if (r == 0 && !*ret)
		r = head ? new_tree(dir, ret, err)
			 : werr_set(err, WERR_NOT_FOUND, "the commit %s does not have %s", commit,
				   dir);
	if (r < 0)
		werr_hint(err, NO_GIT_HINT);
	return r;
}

static int is_dirty(const char *dir, const struct git_known *known, bool *ret, struct werr **err)
{
	CLEANUP(git_place) struct git_place place = {0};
	CLEANUP(strv) struct strv here = {0}, changes = {0};
	const char *hash;
	int r;

	if (git_known_get(known, dir, &hash, ret))
		return 0;
	r = git_find(dir, &place, err);
	if (r < 0)
		return r;
	strv_add(&here, place.inside);
	r = git_list_changes(place.top, &here, &changes, err);
	*ret = r == 0 && changes.n > 0;
	return r;
}

/* Hash a file of the directory: its name, kind and bytes. A removed file adds its name only. */
static int add_file(struct sha256 *h, const char *dir, const char *name, struct werr **err)
{
	CLEANUP(free) char *path = *name ? path_join(dir, name) : str_dup(dir);
	CLEANUP(reader) struct reader *from = NULL;
	CLEANUP(writer) struct writer *to = NULL;
	char target[4096], kind[32];
	struct stat st;
	ssize_t n;
	int fd, r;

	sha256_add(h, name, strlen(name) + 1);
	if (lstat(path, &st) < 0)
		return errno == ENOENT ? 0 : werr_errno(err, errno, "can't read %s", path);
	str_format(kind, sizeof(kind), "%o %lld ", st.st_mode & (S_IFMT | S_IXUSR),
		(long long)(S_ISREG(st.st_mode) ? st.st_size : 0));
	sha256_add(h, kind, strlen(kind));
	if (S_ISLNK(st.st_mode)) {
		n = readlink(path, target, sizeof(target));
		if (n < 0)
			return werr_errno(err, errno, "can't read the link %s", path);
		sha256_add(h, target, (size_t)n);
	}
	if (!S_ISREG(st.st_mode))
		return 0;
	r = file_open(path, &fd, err);
	if (r < 0)
		return r;
	from = fd_reader_new(fd, FD_OWNED, path);
	to = sha256_writer_new(NULL, h);
	return io_copy(from, to, NULL, err);
}

static int add_directory(struct sha256 *h, const char *dir, struct werr **err)
{
	CLEANUP(strv) struct strv names = {0};
	const char *name;
	int r = git_list_files(dir, &names, err);

	STRV_FOREACH (name, &names) {
		if (r < 0)
			break;
		r = add_file(h, dir, name, err);
	}
	return r;
}

static int combine(const char *dir, const struct strv *extra, const char *commit,
	const struct git_known *known, char **ret, struct werr **err)
{
	CLEANUP(free) char *own = NULL;
	CLEANUP(strv) struct strv hashes = {0};
	CLEANUP(free) char *all = NULL;
	const char *directory;
	char sha1[GIT_HASH_DIGITS + 1];
	int r = tree_hash(dir, commit, known, &own, err);

	if (r < 0 || extra->n == 0) {
		*ret = STEAL(own);
		return r;
	}
	strv_add(&hashes, own);
	STRV_FOREACH (directory, extra) {
		char *hash = NULL;

		r = tree_hash(directory, commit, known, &hash, err);
		if (r < 0)
			return r;
		strv_take(&hashes, hash);
	}
	all = strv_join(&hashes, "");
	git_hash_text(all, sha1);
	*ret = str_dup(sha1);
	return 0;
}

int git_hash(const char *dir, const struct strv *extra, const char *commit, bool force_dirty,
	const struct git_known *known, char **ret, struct werr **err)
{
	CLEANUP(sha256) struct sha256 *h = NULL;
	CLEANUP(strv) struct strv directories = {0};
	CLEANUP(free) char *clean = NULL;
	bool dirty = force_dirty, changed;
	char hex[SHA256_HEX + 1];
	const char *directory;
	int r = combine(dir, extra, commit, known, &clean, err);

	if (r < 0)
		return r;
	strv_add(&directories, dir);
	strv_add_all(&directories, extra);
	if (str_eq(commit, "HEAD"))
		STRV_FOREACH (directory, &directories) {
			r = is_dirty(directory, known, &changed, err);
			if (r < 0)
				return r;
			dirty |= changed;
		}
	if (!dirty) {
		*ret = STEAL(clean);
		return 0;
	}
	h = sha256_new();
	STRV_FOREACH (directory, &directories) {
		r = add_directory(h, directory, err);
		if (r < 0)
			return r;
	}
	sha256_hex(h, hex);
	*ret = str_printf("%s" GIT_DIRTY "%.*s", clean, DIRTY_DIGITS, hex);
	return 0;
}
