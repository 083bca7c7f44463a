/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/buildroot.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cancel.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "hash/sha256.h"
#include "oci/platform.h"
#include "pkg/debian.h"
#include "pkg/pkg-files.h"
#include "pkg/sandbox.h"

enum {
	ROOTS_KEPT = 6,
	KEY_DIGITS = 32,
	TRIES_MAX = 3, /* other processes may remove a root before it is locked */
};

/* To be changed when the same packages result in another root. */
#define FORM "1"

static const char *const base_packages[] = {"base-files", "bash", "bzip2", "coreutils", "dash",
	"debianutils", "diffutils", "findutils", "grep", "gzip", "libc-bin", "mawk", "sed", "tar",
	"xz-utils", NULL};

void buildroot_free(struct buildroot *b)
{
	if (!b)
		return;
	if (b->lock >= 0)
		close(b->lock);
	free(b->path);
	free(b);
}

/* ---- what maintainer scripts would have created ---- */

/* The first target that exists gets the name, unless a package has it already. */
static const struct alternative {
	const char *path, *target;
} alternatives[] = {
	{"usr/bin/sh", "dash"},
	{"usr/bin/awk", "gawk"},
	{"usr/bin/awk", "mawk"},
	{"usr/bin/which", "which.debianutils"},
	{"usr/bin/cc", "gcc"},
	{"usr/bin/c89", "c89-gcc"},
	{"usr/bin/c99", "c99-gcc"},
	{"usr/bin/c++", "g++"},
	{"usr/bin/cc", "clang"},
	{"usr/bin/c++", "clang++"},
	{"usr/bin/yacc", "bison.yacc"},
	{"usr/bin/lex", "flex"},
	{"usr/bin/automake", "automake-1.16"},
	{"usr/bin/aclocal", "aclocal-1.16"},
	{"usr/bin/automake", "automake-1.17"},
	{"usr/bin/aclocal", "aclocal-1.17"},
};

static const struct alternative links[] = {
	{"dev/fd", "/proc/self/fd"},
	{"dev/stdin", "/proc/self/fd/0"},
	{"dev/stdout", "/proc/self/fd/1"},
	{"dev/stderr", "/proc/self/fd/2"},
	{"dev/shm", "/tmp"},
};

static const struct {
	const char *path, *text;
} contents[] = {
	{"etc/passwd", "root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/tmp:/bin/sh\n"},
	{"etc/group", "root:x:0:\nnogroup:x:65534:\n"},
	{"etc/hosts", "127.0.0.1 localhost\n::1 localhost\n"},
	{"etc/resolv.conf", ""},
};

/* Mount points. */
static const char *const places[] = {"proc", "tmp", "out", "package", "sources", "debian", NULL};

static int put(struct tree *t, const char *path, uint32_t mode, const char *target,
	const char *text, struct werr **err)
{
	const struct tree_meta meta = {.mode = mode};
	CLEANUP(reader) struct reader *content = text ? mem_reader_new(text, strlen(text)) : NULL;

	return tree_put(t, path, &meta, target, content, NULL, NULL, err);
}

static int add_alternatives(struct tree *t, struct werr **err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(alternatives); i++) {
		const struct alternative *a = &alternatives[i];
		CLEANUP(free) char *dir = path_dir(a->path);
		CLEANUP(free) char *target = path_join(dir, a->target);

		if (!tree_find(t, a->path) && tree_find(t, target))
			r = put(t, a->path, S_IFLNK | 0777, a->target, NULL, err);
	}
	return r;
}

/*
 * Add what is not in the packages' files: users, mount points of devices, the links that Debian's
 * alternatives would create.
 */
static int finish_tree(struct tree *t, struct werr **err)
{
	int r = add_alternatives(t, err);

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(links); i++)
		r = put(t, links[i].path, S_IFLNK | 0777, links[i].target, NULL, err);
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(contents); i++)
		r = put(t, contents[i].path, S_IFREG | 0644, NULL, contents[i].text, err);
	for (size_t i = 0; r == 0 && places[i]; i++)
		r = put(t, places[i], S_IFDIR | 0755, NULL, NULL, err);
	for (size_t i = 0; r == 0 && sandbox_devices[i]; i++)
		r = put(t, sandbox_devices[i], S_IFREG | 0644, NULL, "", err);
	return r;
}

/* ---- a new one ---- */

static int fill_tree(const struct apt_files *files, const char *spool_dir,
	struct package_tree **ret, struct werr **err)
{
	CLEANUP(package_tree) struct package_tree *t = NULL;
	int r = package_tree_new(&t, spool_dir, err);

	if (r == 0)
		t->lean = true;
	for (size_t i = 0; r == 0 && i < files->n; i++) {
		r = cancel_check(err);
		if (r == 0)
			r = package_tree_add_deb(t, files->items[i].path, err);
	}
	if (r == 0)
		r = package_tree_seal(t, err);
	if (r == 0)
		r = finish_tree(t->tree, err);
	if (r == 0)
		*ret = STEAL(t);
	return r;
}

static int save_list(const struct package_tree *t, const char *dir, struct werr **err)
{
	CLEANUP(free) char *path = path_join(dir, "packages");
	struct records all = {0};
	int r;

	for (size_t i = 0; i < t->n; i++)
		records_add(&all, &t->packages[i].info);
	records_sort(&all);
	r = records_save(&all, path, err);
	records_cleanup(&all);
	return r;
}

static int make(const struct apt_files *files, const char *cache_dir, const char *parent,
	const char *place, struct werr **err)
{
	CLEANUP(package_tree) struct package_tree *t = NULL;
	CLEANUP(free) char *new = NULL, *root = NULL;
	int r = file_temp_dir(parent, ".new", &new, err);

	if (r < 0)
		return r;
	root = path_join(new, "root");
	r = fill_tree(files, cache_dir, &t, err);
	/* The step may run as another user, who must be able to read the root. */
	if (r == 0 && (chmod(new, 0755) < 0 || mkdir(root, 0755) < 0 || chmod(root, 0755) < 0))
		r = werr_errno(err, errno, "can't make %s", root);
	if (r == 0)
		r = pkg_files_unpack(t->tree, root, err);
	if (r == 0)
		r = save_list(t, new, err);
	if (r == 0)
		r = file_publish_dir(new, place, err);
	if (r < 0)
		file_remove_all(new, NULL);
	return r;
}

/* ---- the cache ---- */

static char *make_key(const char *suite, const struct apt_files *files)
{
	CLEANUP(sha256) struct sha256 *h = sha256_new();
	char hex[SHA256_HEX + 1];

	sha256_add(h, FORM, sizeof(FORM));
	for (size_t i = 0; i < files->n; i++) {
		sha256_add(h, files->items[i].name, strlen(files->items[i].name) + 1);
		sha256_add(h, files->items[i].sha256, SHA256_HEX);
	}
	sha256_hex(h, hex);
	return str_printf("%s-%.*s", suite, KEY_DIGITS, hex);
}

/* Lock the root, if it exists and is complete. */
static bool hold(const char *place, int *ret_fd)
{
	CLEANUP(free) char *list = path_join(place, "packages");
	CLEANUP(fd) int fd = open(place, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat mine, there;

	if (fd < 0 || flock(fd, LOCK_SH) < 0)
		return false;
	/* It may have been removed before the lock was taken. */
	if (fstat(fd, &mine) < 0 || stat(place, &there) < 0 || mine.st_ino != there.st_ino ||
		!file_exists(list))
		return false;
	/* The time of its last use. */
	futimens(fd, NULL);
	*ret_fd = fd_steal(&fd);
	return true;
}

struct oldest {
	size_t n;
	char name[NAME_MAX + 1];
	struct timespec time;
};

/* A file_visit. */
static int note_oldest(int dir_fd, const char *name, void *ctx, ATTR_UNUSED struct werr **err)
{
	struct oldest *o = ctx;
	struct stat st;

	if (name[0] == '.' || fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	if (o->n++ == 0 || st.st_mtim.tv_sec < o->time.tv_sec) {
		o->time = st.st_mtim;
		return str_copy(o->name, sizeof(o->name), name);
	}
	return 0;
}

/* Remove at most one, as each new root replaces one. A root that is in use stays. */
static void trim(const char *parent)
{
	CLEANUP(free) char *place = NULL;
	CLEANUP(fd) int fd = -1;
	struct oldest o = {0};

	if (file_visit_dir(parent, FILE_ABSENT_IS_EMPTY, note_oldest, &o, NULL) < 0 ||
		o.n <= ROOTS_KEPT)
		return;
	place = path_join(parent, o.name);
	fd = open(place, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
		file_remove_all(place, NULL);
}

static int find_or_make_alone(struct buildroot *b, const struct apt_files *files,
	const char *cache_dir, const char *suite, char **ret_place, struct werr **err)
{
	CLEANUP(free) char *parent = path_join(cache_dir, "wherry-root");
	CLEANUP(free) char *key = make_key(suite, files), *place = path_join(parent, key);
	int r = file_make_dirs(parent, 0755, err);

	for (unsigned i = 0; r == 0 && !hold(place, &b->lock); i++) {
		if (i == TRIES_MAX)
			return werr_set(
				err, WERR_FAILED, "%s is being removed again and again", place);
		log_info("unpack the root for build steps: %zu packages", files->n);
		r = make(files, cache_dir, parent, place, err);
	}
	if (r == 0) {
		trim(parent);
		*ret_place = STEAL(place);
	}
	return r;
}

/* A second thread that needs the same root waits for it instead of making it again. */
static int find_or_make(struct buildroot *b, const struct apt_files *files, const char *cache_dir,
	const char *suite, char **ret_place, struct werr **err)
{
	static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
	int r;

	pthread_mutex_lock(&one_at_a_time);
	r = find_or_make_alone(b, files, cache_dir, suite, ret_place, err);
	pthread_mutex_unlock(&one_at_a_time);
	return r;
}

/* The packages for this machine's architecture, with names for that which the step builds for. */
static int fetch(const char *cache_dir, const struct buildroot_wish *wish, char **ret_suite,
	struct apt_files *ret, struct werr **err)
{
	CLEANUP(strv) struct strv all = {0};
	const struct arch *arch;
	const char *suite;
	struct platform host;

	platform_host(&host);
	arch = debian_arch(host.arch);
	if (!arch)
		return werr_set(err, WERR_UNSUPPORTED, "build steps can't run on %s", host.arch);
	/* The compiler of the suite that what it links with is from, if that has this machine's. */
	suite = arch->debian_since ? arch->debian_since : debian_suite(wish->target);
	*ret_suite = str_dup(wish->suite ? wish->suite : suite);
	for (size_t i = 0; base_packages[i]; i++)
		strv_add(&all, base_packages[i]);
	debian_names(wish->packages, wish->target, &all);
	return debian_fetch(&(struct apt_suite){*ret_suite}, &all, cache_dir, arch, ret, err);
}

int buildroot_open(struct buildroot **ret, const char *cache_dir, const struct buildroot_wish *wish,
	struct records *records, struct werr **err)
{
	CLEANUP(buildroot) struct buildroot *b = mem_new(struct buildroot);
	CLEANUP(apt_files) struct apt_files files = {0};
	CLEANUP(free) char *absolute = realpath(cache_dir, NULL);
	CLEANUP(free) char *place = NULL, *list = NULL, *suite = NULL;
	int r;

	b->lock = -1;
	if (!absolute)
		return werr_errno(err, errno, "can't find the directory %s", cache_dir);
	r = fetch(absolute, wish, &suite, &files, err);
	if (r == 0)
		r = find_or_make(b, &files, absolute, suite, &place, err);
	if (r == 0) {
		list = path_join(place, "packages");
		r = records_load(records, list, err);
	}
	if (r < 0) {
		werr_wrap(err, "the root for the build step");
		return r;
	}
	b->path = path_join(place, "root");
	*ret = STEAL(b);
	return 0;
}
