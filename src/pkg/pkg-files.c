/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/pkg-files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "pkg/beneath.h"
#include "pkg/package-tree.h"

enum { DIRECTORY_DEPTH_MAX = 64 };

struct adding {
	const struct pkg_yml *yml;
	const struct pkg_file *entry;
	struct tree *to;
};

/* A file of this machine, opened with O_PATH without following links. */
struct source {
	int fd;
	const char *name; /* for messages */
};

static uint32_t plain_mode(uint32_t mode)
{
	return S_ISDIR(mode) || (mode & S_IXUSR) ? 0755 : 0644;
}

static struct tree_meta make_meta(const struct pkg_file *f, uint32_t type, uint32_t mode)
{
	return (struct tree_meta){.mode = type | mode, .uid = f->uid, .gid = f->gid};
}

/* ---- from this machine ---- */

static int add_path(const struct adding *a, const struct source *s, const char *path,
	unsigned depth, struct werr **err);

/* Open what an O_PATH descriptor stands for. */
static int reopen(const struct source *s, int flags, int *ret_fd, struct werr **err)
{
	char self[64];

	str_format(self, sizeof(self), "/proc/self/fd/%d", s->fd);
	*ret_fd = open(self, flags | O_CLOEXEC);
	return *ret_fd < 0 ? werr_errno(err, errno, "can't open %s", s->name) : 0;
}

static int add_regular(const struct adding *a, const struct source *s, const char *path,
	uint32_t mode, struct werr **err)
{
	const struct tree_meta meta = make_meta(a->entry, S_IFREG, mode);
	CLEANUP(reader) struct reader *content = NULL;
	int fd, r = reopen(s, O_RDONLY, &fd, err);

	if (r < 0)
		return r;
	content = fd_reader_new(fd, FD_OWNED, s->name);
	return tree_merge(a->to, path, &meta, NULL, content, NULL, NULL, err);
}

static int add_link(
	const struct adding *a, const struct source *s, const char *path, struct werr **err)
{
	const struct tree_meta meta = make_meta(a->entry, S_IFLNK, 0777);
	char target[4096];
	ssize_t n = readlinkat(s->fd, "", target, sizeof(target) - 1);

	if (n < 0)
		return werr_errno(err, errno, "can't read the link %s", s->name);
	target[n] = '\0';
	return tree_merge(a->to, path, &meta, target, NULL, NULL, NULL, err);
}

/* A file_visit; ctx is a strv. */
static int note_name(
	ATTR_UNUSED int dir_fd, const char *name, void *ctx, ATTR_UNUSED struct werr **err)
{
	strv_add(ctx, name);
	return 0;
}

static int add_directory(const struct adding *a, const struct source *s, const char *path,
	unsigned depth, struct werr **err)
{
	const struct tree_meta meta = make_meta(a->entry, S_IFDIR, 0755);
	CLEANUP(strv) struct strv names = {0};
	CLEANUP(fd) int fd = -1;
	const char *name;
	int r;

	if (depth > DIRECTORY_DEPTH_MAX)
		return werr_set(err, WERR_LIMIT, "%s: directories are too deep", s->name);
	r = tree_merge(a->to, path, &meta, NULL, NULL, NULL, NULL, err);
	if (r == 0)
		r = reopen(s, O_RDONLY | O_DIRECTORY, &fd, err);
	if (r == 0)
		r = file_visit_fd(fd, note_name, &names, err);
	strv_sort(&names);
	STRV_FOREACH (name, &names) {
		CLEANUP(free) char *full = path_join(s->name, name), *p = path_join(path, name);
		CLEANUP(fd) int below = -1;

		if (r < 0)
			break;
		below = openat(fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
		r = below < 0 ? werr_errno(err, errno, "can't read %s", full)
			      : add_path(a, &(struct source){below, full}, p, depth + 1, err);
	}
	return r;
}

/* The entry's mode is for the source itself, not for what is in a directory. */
static int add_path(const struct adding *a, const struct source *s, const char *path,
	unsigned depth, struct werr **err)
{
	struct stat st;

	if (fstat(s->fd, &st) < 0)
		return werr_errno(err, errno, "can't read %s", s->name);
	if (S_ISDIR(st.st_mode))
		return add_directory(a, s, path, depth, err);
	if (S_ISLNK(st.st_mode))
		return add_link(a, s, path, err);
	if (!S_ISREG(st.st_mode))
		return werr_set(
			err, WERR_UNSUPPORTED, "%s is neither a file nor a directory", s->name);
	return add_regular(a, s, path,
		depth == 0 && a->entry->has_mode ? a->entry->mode : plain_mode(st.st_mode), err);
}

/* Whether a file is in the directory but not among the package's files. */
static bool is_left_out(const struct pkg_files_from *from, const char *text)
{
	CLEANUP(free) char *path = path_join(from->dir, text);

	return file_exists(path);
}

static int missing(const struct adding *a, const struct pkg_files_from *from, const char *text,
	const struct werr *problem, struct werr **err)
{
	const struct node *n = a->entry->node;
	int r;

	if (text != a->entry->text || !is_left_out(from, text))
		return node_error(err, n, "%s", problem->message);
	r = node_error(err, n, "git ignores '%s', so the package's hash does not cover it", text);
	werr_hint(err, "add it to git, or create it in the build step");
	return r;
}

/* Add a file from $OUT, or from the package's sources, including extra sources. */
static int add_source(const struct adding *a, const struct pkg_files_from *from, const char *path,
	struct werr **err)
{
	const char *text = a->entry->text, *rest = str_after(text, PKG_OUT);
	const bool is_out = rest && (!*rest || *rest == '/');
	const char *dir = is_out ? from->out : from->snapshot, *inside = is_out ? rest : text;
	CLEANUP(werr) struct werr *problem = NULL;
	CLEANUP(fd) int dir_fd = -1, fd = -1;
	int r;

	if (is_out && !dir)
		return node_error(
			err, a->entry->node, "'%s' needs a build step, but there is none", text);
	inside += strspn(inside, "/");
	dir_fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir_fd < 0)
		return werr_errno(err, errno, "can't open %s", dir);
	r = beneath_open(dir_fd, inside, O_PATH, text, &fd, &problem);
	if (r == 0)
		return add_path(a, &(struct source){fd, text}, path, 0, err);
	if (r == -ENOENT)
		return missing(a, from, is_out ? inside : text, problem, err);
	r = node_error(err, a->entry->node, "%s", problem->message);
	if (problem->hint)
		werr_hint(err, "%s", problem->hint);
	return r;
}

static int add_entry(const struct adding *a, const struct pkg_files_from *from, struct werr **err)
{
	const struct pkg_file *f = a->entry;
	/* With Debian packages, the image has their layout. */
	CLEANUP(free)
	char *path = a->yml->debian.packages.n ? merged_path(f->path) : str_dup(f->path);
	CLEANUP(reader) struct reader *content = NULL;
	struct tree_meta meta = make_meta(f, S_IFREG, f->has_mode ? f->mode : 0644);

	switch (f->kind) {
	case PKG_FILE_SOURCE:
		return add_source(a, from, path, err);
	case PKG_FILE_CONTENTS:
		content = mem_reader_new(f->text, f->size);
		return tree_merge(a->to, path, &meta, NULL, content, NULL, NULL, err);
	case PKG_FILE_SYMLINK:
		meta.mode = S_IFLNK | 0777;
		return tree_merge(a->to, path, &meta, f->text, NULL, NULL, NULL, err);
	case PKG_FILE_DIRECTORY:
		meta.mode = S_IFDIR | (f->has_mode ? f->mode : 0755);
		return tree_merge(a->to, path, &meta, NULL, NULL, NULL, NULL, err);
	case PKG_FILE_NONE:
		break;
	}
	return 0;
}

int pkg_files_add(const struct pkg_yml *y, const struct pkg_files_from *from, struct tree *to,
	struct werr **err)
{
	for (size_t i = 0; i < y->n_files; i++) {
		const struct adding a = {.yml = y, .entry = &y->files[i], .to = to};
		int r = add_entry(&a, from, err);

		if (r < 0)
			return r;
	}
	return 0;
}

/* ---- to this machine ---- */

static int unpack_regular(
	const struct tree *t, const struct tree_node *n, const char *path, struct werr **err)
{
	CLEANUP(reader) struct reader *from = tree_open_file(t, n);
	CLEANUP(writer) struct writer *to = NULL;
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600), r;

	if (fd < 0)
		return werr_errno(err, errno, "can't write %s", path);
	to = fd_writer_new(fd, FD_OWNED, path);
	/* Whatever the umask is, the build step must be able to read it. */
	if (fchmod(fd, plain_mode(n->meta.mode)) < 0)
		return werr_errno(err, errno, "can't set the mode of %s", path);
	r = io_copy(from, to, NULL, err);
	return r < 0 ? r : writer_finish(to, err);
}

struct unpacking {
	const struct tree *tree;
	const char *dir;
};

/*
 * The tree's names are safe, and each is in a directory that was created here, so no link is
 * followed.
 */
static int unpack_node(struct tree_node *n, const char *path, void *ctx, struct werr **err)
{
	const struct unpacking *u = ctx;
	CLEANUP(free) char *full = path_join(u->dir, path);

	if (!*path)
		return 0;
	if (S_ISREG(n->meta.mode))
		return unpack_regular(u->tree, n, full, err);
	if (S_ISLNK(n->meta.mode) && symlink(n->target, full) < 0)
		return werr_errno(err, errno, "can't make the link %s", full);
	if (S_ISDIR(n->meta.mode) && (mkdir(full, 0755) < 0 || chmod(full, 0755) < 0))
		return werr_errno(err, errno, "can't make the directory %s", full);
	return 0;
}

int pkg_files_unpack(const struct tree *t, const char *dir, struct werr **err)
{
	struct unpacking u = {t, dir};

	return tree_walk(t, unpack_node, &u, err);
}
