/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/dockerfile-depends.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/path.h"
#include "pkg/beneath.h"
#include "pkg/dockerfile-images.h"
#include "pkg/snapshot.h"

enum { LIST_MAX = 1 << 20, IMAGES_MAX = 256 };

struct list {
	struct reference refs[IMAGES_MAX];
	size_t n;
};

static void list_free(struct list *l)
{
	for (size_t i = 0; i < l->n; i++)
		reference_cleanup(&l->refs[i]);
	free(l);
}
DEFINE_CLEANUP(struct list *, list_free, list)

/* ---- which images ---- */

static int add_image(
	const struct dockerfile_job *j, struct list *l, const char *name, struct werr **err)
{
	const struct node *node = j->package->yml->depends.node;
	struct digest digest;
	int r;

	if (l->n == IMAGES_MAX)
		return node_error(err, node, "there are more than %d images", IMAGES_MAX);
	r = reference_parse(name, &l->refs[l->n], err);
	if (r < 0)
		return r;
	if (!l->refs[l->n++].digest)
		return node_error(err, node, "the image %s has no digest", name);
	return dockerfile_find_image(
		j->store, j->options, &l->refs[l->n - 1], j->platform, &digest, err);
}

static int read_list(
	const struct dockerfile_job *j, int context, struct strv *names, struct werr **err)
{
	const char *path = j->package->yml->depends.from_file;
	CLEANUP(free) char *text = NULL;
	CLEANUP(strv) struct strv lines = {0};
	CLEANUP(fd) int fd = -1;
	const char *line;
	size_t size;
	int r = beneath_open(context, path, O_RDONLY | O_NONBLOCK, path, &fd, err);

	if (r == 0)
		r = file_read_fd(fd_steal(&fd), path, LIST_MAX, &text, &size, err);
	if (r < 0)
		return r;
	strv_split(&lines, text, '\n');
	STRV_FOREACH (line, &lines)
		if (*line && *line != '#')
			strv_add(names, line);
	return 0;
}

static int find_images(
	const struct dockerfile_job *j, int context, struct list *ret, struct werr **err)
{
	const struct pkg_depends *d = &j->package->yml->depends;
	CLEANUP(strv) struct strv names = {0};
	int r = 0;

	strv_add_all(&names, &d->list);
	if (d->from_file)
		r = read_list(j, context, &names, err);
	for (size_t i = 0; r == 0 && i < names.n; i++)
		r = add_image(j, ret, names.items[i], err);
	return r;
}

/* ---- where they go ---- */

static int remove_at(int parent, const char *name, struct werr **err)
{
	CLEANUP(free) char *path = str_printf("/proc/self/fd/%d/%s", parent, name);

	return file_remove_all(path, err);
}

static int write_archive(const struct dockerfile_job *j, const struct reference *refs, size_t n,
	int parent, const char *name, struct werr **err)
{
	const struct export_options options = {
		.format = STORE_FORMAT_DOCKER, .platform = j->platform};
	CLEANUP(fd) int fd = -1;
	CLEANUP(writer) struct writer *to = NULL;
	int r = remove_at(parent, name, err);

	if (r < 0)
		return r;
	fd = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0 || fchmod(fd, 0644) < 0)
		return werr_errno(err, errno, "can't make %s", name);
	to = fd_writer_new(fd_steal(&fd), FD_OWNED, name);
	r = store_export(j->store, refs, n, &options, to, err);
	return r < 0 ? r : writer_finish(to, err);
}

/* "nginx@sha256:...tar", as LinuxKit names them. */
static int write_each(const struct dockerfile_job *j, const struct list *l, int parent,
	const char *name, struct werr **err)
{
	CLEANUP(fd) int dir = -1;
	int r = remove_at(parent, name, err);

	if (r < 0)
		return r;
	if (mkdirat(parent, name, 0755) == 0)
		dir = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir < 0 || fchmod(dir, 0755) < 0)
		return werr_errno(err, errno, "can't make the directory %s", name);
	for (size_t i = 0; r == 0 && i < l->n; i++) {
		CLEANUP(free) char *base = path_base(l->refs[i].repository);
		CLEANUP(free) char *file = str_printf("%s@%s.tar", base, l->refs[i].digest);

		r = write_archive(j, &l->refs[i], 1, dir, file, err);
	}
	return r;
}

int dockerfile_depends_write(const struct dockerfile_job *j, const char *context, struct werr **err)
{
	const struct pkg_depends *d = &j->package->yml->depends;
	const char *path = d->target ? d->target : d->target_dir;
	CLEANUP(fd) int fd = open(context, O_RDONLY | O_DIRECTORY | O_CLOEXEC), parent = -1;
	CLEANUP(list) struct list *images = mem_new(struct list);
	CLEANUP(free) char *name = NULL;
	int r;

	if (fd < 0)
		return werr_errno(err, errno, "can't open %s", context);
	r = find_images(j, fd, images, err);
	if (r == 0 && images->n)
		r = snapshot_open_parent(fd, context, path, &parent, err);
	if (r < 0 || !images->n)
		return r;
	name = path_base(path);
	return d->target ? write_archive(j, images->refs, images->n, parent, name, err)
			 : write_each(j, images, parent, name, err);
}
