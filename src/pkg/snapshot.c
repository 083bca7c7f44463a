/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cancel.h"
#include "base/file.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/path.h"
#include "pkg/beneath.h"
#include "pkg/pkg-list.h"

struct copying {
	const char *from; /* the directory, for messages */
	int from_fd, to_fd;
};

/* ---- copying ---- */

int snapshot_open_parent(
	int dir_fd, const char *what, const char *path, int *ret_fd, struct werr **err)
{
	CLEANUP(fd) int at = fcntl(dir_fd, F_DUPFD_CLOEXEC, 0);
	CLEANUP(strv) struct strv parts = {0};

	strv_split(&parts, path, '/');
	for (size_t i = 0; at >= 0 && i + 1 < parts.n; i++) {
		const bool made = mkdirat(at, parts.items[i], 0755) == 0;
		int next =
			openat(at, parts.items[i], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		/* Whatever the umask is. */
		if (next < 0 || (made && fchmod(next, 0755) < 0))
			return werr_errno(
				err, errno, "%s: can't make the directory for %s", what, path);
		close(at);
		at = next;
	}
	if (at < 0)
		return werr_errno(err, errno, "%s: can't copy %s", what, path);
	*ret_fd = fd_steal(&at);
	return 0;
}

static int copy_link(const struct copying *c, int fd, int parent, const char *name,
	const char *path, struct werr **err)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(fd, "", target, sizeof(target) - 1);

	if (n >= 0) {
		target[n] = '\0';
		n = symlinkat(target, parent, name);
	}
	return n < 0 ? werr_errno(err, errno, "%s: can't copy the link %s", c->from, path) : 0;
}

static int copy_regular(const struct copying *c, const char *source, int parent, const char *name,
	const char *path, struct werr **err)
{
	CLEANUP(reader) struct reader *from = NULL;
	CLEANUP(writer) struct writer *to = NULL;
	CLEANUP(free) char *full = path_join(c->from, source);
	CLEANUP(fd) int in = -1, out = -1;
	struct stat st;
	int r = beneath_open(
		c->from_fd, source, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, full, &in, err);

	if (r < 0)
		return r;
	if (fstat(in, &st) < 0 || !S_ISREG(st.st_mode))
		return werr_set(err, WERR_INVALID, "%s was replaced by another file", full);
	out = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (out < 0 || fchmod(out, st.st_mode & S_IXUSR ? 0755 : 0644) < 0)
		return werr_errno(err, errno, "%s: can't copy %s", c->from, path);
	from = fd_reader_new(fd_steal(&in), FD_OWNED, full);
	to = fd_writer_new(fd_steal(&out), FD_OWNED, path);
	r = io_copy(from, to, NULL, err);
	return r < 0 ? r : writer_finish(to, err);
}

/* Copy source, in `from`, to path, in `to`. */
static int copy(const struct copying *c, const char *source, const char *path, struct werr **err)
{
	CLEANUP(free) char *full = path_join(c->from, source), *safe = path_inside(path);
	CLEANUP(free) char *name = path_base(path);
	CLEANUP(fd) int fd = -1, parent = -1;
	struct stat st;
	int r;

	if (!safe || !str_eq(safe, path))
		return werr_set(err, WERR_INVALID, "%s: a file has the name '%s'", c->from, path);
	r = beneath_open(c->from_fd, source, O_PATH | O_NOFOLLOW, full, &fd, err);
	if (r == 0 && fstat(fd, &st) < 0)
		r = werr_errno(err, errno, "can't read %s", full);
	if (r == 0)
		r = snapshot_open_parent(c->to_fd, c->from, path, &parent, err);
	if (r < 0)
		return r;
	if (S_ISLNK(st.st_mode))
		return copy_link(c, fd, parent, name, path, err);
	if (S_ISREG(st.st_mode))
		return copy_regular(c, source, parent, name, path, err);
	if (S_ISDIR(st.st_mode) && mkdirat(parent, name, 0755) < 0 && errno != EEXIST)
		return werr_errno(err, errno, "%s: can't copy %s", c->from, path);
	return S_ISDIR(st.st_mode) && fchmodat(parent, name, 0755, 0) < 0
		       ? werr_errno(err, errno, "%s: can't copy %s", c->from, path)
		       : 0;
}

/* What git lists may be missing. */
static bool is_gone(const struct copying *c, const char *source)
{
	struct stat st;

	return fstatat(c->from_fd, source, &st, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT;
}

/* dst: the place in `to`, "" for its top. */
static int copy_names(
	const struct copying *c, const struct strv *names, const char *dst, struct werr **err)
{
	const char *name;

	STRV_FOREACH (name, names) {
		CLEANUP(free) char *path = path_join(dst, name);
		int r = cancel_check(err);

		if (r == 0 && !is_gone(c, name))
			r = copy(c, name, path, err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Copy a directory, or a single file. */
static int copy_source(
	const struct pkg *p, const char *src, const char *dst, int to_fd, struct werr **err)
{
	CLEANUP(strv) struct strv names = {0};
	CLEANUP(free) char *parent = path_dir(src), *name = path_base(src);
	CLEANUP(fd) int fd = open(src, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct copying c = {.from = src, .from_fd = fd, .to_fd = to_fd};
	int r;

	if (fd < 0 && errno == ENOTDIR) {
		c.from_fd = fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		c.from = parent;
		return fd < 0 ? werr_errno(err, errno, "can't read %s", parent)
			      : copy(&c, name, dst, err);
	}
	if (fd < 0)
		return werr_errno(err, errno, "can't read %s", src);
	r = pkg_list(src, p->listing, &names, err);
	return r < 0 ? r : copy_names(&c, &names, dst, err);
}

static int check_yml(const struct pkg *p, int to_fd, struct werr **err)
{
	struct stat st;
	int r;

	if (p->listing != PKG_LIST_GIT ||
		fstatat(to_fd, p->yml_name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return 0;
	r = werr_set(err, WERR_INVALID, "git does not know %s/%s", p->dir, p->yml_name);
	werr_hint(err, "the package's hash must cover it: add it to git");
	return r;
}

static int copy_extra(const struct pkg *p, const struct pkg_extra *x, int to_fd, struct werr **err)
{
	CLEANUP(free) char *real = NULL, *own = path_join(p->dir, x->dst);
	int r = pkg_find_beside(p, "extra source", x->src, &real, err);

	/* The package's own is there anyway: what it includes. */
	return r < 0 || str_eq(real, own) ? r : copy_source(p, real, x->dst, to_fd, err);
}

int snapshot_make(const struct pkg *p, const char *to, struct werr **err)
{
	CLEANUP(fd) int fd = open(to, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r = 0;

	if (fd < 0)
		return werr_errno(err, errno, "can't open %s", to);
	for (size_t i = 0; r == 0 && i < p->yml->n_extras; i++)
		r = copy_extra(p, &p->yml->extras[i], fd, err);
	if (r == 0)
		r = copy_source(p, p->dir, "", fd, err);
	return r < 0 ? r : check_yml(p, fd, err);
}
