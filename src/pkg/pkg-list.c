/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/pkg-list.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cancel.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "pkg/git-files.h"

enum { DEPTH_MAX = 64, NAMES_MAX = 1 << 20 };

struct walk {
	struct strv *names;
	const char *prefix;
	enum pkg_listing how;
	unsigned depth;
};

static int visit_below(
	const struct walk *w, int dir_fd, const char *name, const char *path, struct werr **err);

/* A file_visit. */
static int note_name(int dir_fd, const char *name, void *ctx, struct werr **err)
{
	const struct walk *w = ctx;
	CLEANUP(free) char *path = path_join(w->prefix, name);
	struct stat st;
	int r = cancel_check(err);

	if (r < 0 || str_eq(name, ".git"))
		return r;
	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return werr_errno(err, errno, "can't read %s", path);
	if (w->names->n == NAMES_MAX)
		return werr_set(err, WERR_LIMIT, "%s: there are too many files", path);
	if (w->how == PKG_LIST_ALL || S_ISREG(st.st_mode) || S_ISLNK(st.st_mode))
		strv_add(w->names, path);
	return S_ISDIR(st.st_mode) ? visit_below(w, dir_fd, name, path, err) : 0;
}

static int visit_below(
	const struct walk *w, int dir_fd, const char *name, const char *path, struct werr **err)
{
	struct walk next = {w->names, path, w->how, w->depth + 1};
	CLEANUP(fd) int fd = -1;

	if (w->depth == DEPTH_MAX)
		return werr_set(err, WERR_LIMIT, "%s: directories are too deep", path);
	fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? werr_errno(err, errno, "can't read %s", path)
		      : file_visit_fd(fd, note_name, &next, err);
}

int pkg_list(const char *dir, enum pkg_listing how, struct strv *ret, struct werr **err)
{
	struct walk w = {.names = ret, .prefix = "", .how = how};
	int r;

	if (how == PKG_LIST_GIT)
		return git_list_files(dir, ret, err);
	r = file_visit_dir(dir, FILE_ABSENT_IS_ERROR, note_name, &w, err);
	strv_sort(ret);
	return r;
}
