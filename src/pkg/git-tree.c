/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/git-tree.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cancel.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/path.h"
#include "pkg/beneath.h"

enum {
	DEPTH_MAX = 64,
	TREE_MAX = 64 << 20, /* bytes of one tree object */
	PIECE = 1 << 16,
};

/* The modes that git keeps, as they are written in trees. */
#define MODE_FILE       "100644"
#define MODE_EXECUTABLE "100755"
#define MODE_LINK       "120000"
#define MODE_DIRECTORY  "40000"

struct hash {
	unsigned char bytes[GIT_HASH_BYTES];
};

/* ---- SHA-1 ---- */

static EVP_MD_CTX *sha1_new(void)
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();

	if (!c || EVP_DigestInit_ex(c, EVP_sha1(), NULL) != 1)
		abort();
	return c;
}

static void sha1_add(EVP_MD_CTX *c, const void *data, size_t size)
{
	if (EVP_DigestUpdate(c, data, size) != 1)
		abort();
}

static void sha1_finish(EVP_MD_CTX *c, struct hash *ret)
{
	unsigned char md[EVP_MAX_MD_SIZE];

	if (EVP_DigestFinal_ex(c, md, NULL) != 1)
		abort();
	memcpy(ret->bytes, md, sizeof(ret->bytes));
	EVP_MD_CTX_free(c);
}

static void sha1_text(const struct hash *h, char ret[static GIT_HASH_DIGITS + 1])
{
	str_hex(ret, h->bytes, GIT_HASH_BYTES);
}

void git_hash_text(const char *text, char ret[static GIT_HASH_DIGITS + 1])
{
	EVP_MD_CTX *c = sha1_new();
	struct hash h;

	sha1_add(c, text, strlen(text));
	sha1_finish(c, &h);
	sha1_text(&h, ret);
}

/* An object is hashed behind its kind and size. */
static EVP_MD_CTX *object_new(const char *kind, uint64_t size)
{
	EVP_MD_CTX *c = sha1_new();
	char head[64];

	str_format(head, sizeof(head), "%s %llu", kind, (unsigned long long)size);
	sha1_add(c, head, strlen(head) + 1);
	return c;
}

static void object_hash(const char *kind, const void *data, size_t size, struct hash *ret)
{
	EVP_MD_CTX *c = object_new(kind, size);

	sha1_add(c, data, size);
	sha1_finish(c, ret);
}

/* ---- files ---- */

static int hash_link(int fd, const char *path, struct hash *ret, struct werr **err)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(fd, "", target, sizeof(target));

	if (n < 0 || n == (ssize_t)sizeof(target))
		return werr_errno(
			err, n < 0 ? errno : ENAMETOOLONG, "can't read the link %s", path);
	object_hash("blob", target, (size_t)n, ret);
	return 0;
}

static int hash_bytes(int fd, const char *path, uint64_t size, struct hash *ret, struct werr **err)
{
	CLEANUP(free) char *piece = mem_alloc(PIECE);
	EVP_MD_CTX *c = object_new("blob", size);
	uint64_t seen = 0;
	ssize_t n = 1;
	int r = 0;

	while (r == 0 && n > 0 && seen <= size) {
		n = read(fd, piece, PIECE);
		if (n < 0 && errno != EINTR)
			r = werr_errno(err, errno, "can't read %s", path);
		else if (n < 0)
			n = 1;
		else
			sha1_add(c, piece, (size_t)n), seen += (uint64_t)n;
		if (r == 0)
			r = cancel_check(err);
	}
	sha1_finish(c, ret);
	if (r == 0 && seen != size)
		r = werr_set(err, WERR_FAILED, "%s was changed while it was read", path);
	return r;
}

static int hash_regular(int dir_fd, const char *name, const char *path, const char **ret_mode,
	struct hash *ret, struct werr **err)
{
	CLEANUP(fd) int fd = -1;
	struct stat st;
	int r = beneath_open(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, path, &fd, err);

	if (r < 0)
		return r;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return werr_set(err, WERR_INVALID, "%s was replaced by another file", path);
	*ret_mode = st.st_mode & S_IXUSR ? MODE_EXECUTABLE : MODE_FILE;
	return hash_bytes(fd, path, (uint64_t)st.st_size, ret, err);
}

/* *ret_mode stays NULL for what git does not keep. */
static int hash_file(int dir_fd, const char *name, const char *path, const char **ret_mode,
	struct hash *ret, struct werr **err)
{
	CLEANUP(fd) int fd = -1;
	struct stat st;
	int r = beneath_open(dir_fd, name, O_PATH | O_NOFOLLOW, path, &fd, err);

	if (r < 0)
		return r;
	if (fstat(fd, &st) < 0)
		return werr_errno(err, errno, "can't read %s", path);
	if (S_ISREG(st.st_mode))
		return hash_regular(dir_fd, name, path, ret_mode, ret, err);
	if (!S_ISLNK(st.st_mode))
		return 0;
	*ret_mode = MODE_LINK;
	return hash_link(fd, path, ret, err);
}

/* ---- trees ---- */

struct hashing {
	const char *path; /* for messages */
	int dir_fd;
	const struct strv *names;
	size_t next; /* index in names */
};

static void add_entry(
	struct buf *tree, const char *mode, const char *name, size_t size, const struct hash *h)
{
	buf_printf(tree, "%s %.*s", mode, (int)size, name);
	buf_add(tree, "", 1);
	buf_add(tree, h->bytes, sizeof(h->bytes));
}

static bool is_gone(const struct hashing *h, const char *name)
{
	struct stat st;

	return fstatat(h->dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT;
}

/*
 * The names from h->next on that begin with the same `skip` bytes: one directory. Sorted by bytes,
 * what is in a directory stands together, and where git has the directory. *ret_empty: git would
 * not have it.
 */
static int hash_directory(struct hashing *h, size_t skip, unsigned depth, bool *ret_empty,
	struct hash *ret, struct werr **err)
{
	CLEANUP(buf) struct buf tree = BUF_INIT(TREE_MAX);
	const char *first = h->next < h->names->n ? h->names->items[h->next] : "";
	int r = 0;

	if (depth > DEPTH_MAX)
		return werr_set(err, WERR_LIMIT, "%s/%s: directories are too deep", h->path, first);
	while (r == 0 && h->next < h->names->n &&
		strncmp(h->names->items[h->next], first, skip) == 0) {
		const char *name = h->names->items[h->next], *entry = name + skip;
		size_t size = strcspn(entry, "/");
		CLEANUP(free) char *path = path_join(h->path, name);
		const char *mode = NULL;
		bool empty = false;
		struct hash hash;

		if (entry[size]) {
			r = hash_directory(h, skip + size + 1, depth + 1, &empty, &hash, err);
			mode = empty ? NULL : MODE_DIRECTORY;
		} else {
			h->next++;
			if (!is_gone(h, name))
				r = hash_file(h->dir_fd, name, path, &mode, &hash, err);
		}
		if (r == 0 && mode)
			add_entry(&tree, mode, entry, size, &hash);
	}
	if (r == 0 && buf_error(&tree) < 0)
		r = werr_set(err, WERR_LIMIT, "%s has too many files", h->path);
	*ret_empty = tree.len == 0;
	object_hash("tree", buf_str(&tree), tree.len, ret);
	return r;
}

int git_tree_hash(const char *path, const struct strv *names, char ret[static GIT_HASH_DIGITS + 1],
	struct werr **err)
{
	CLEANUP(fd) int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct hashing h = {path, fd, names, 0};
	const char *mode = NULL;
	struct hash hash = {{0}};
	bool empty;
	int r;

	if (fd >= 0) {
		r = hash_directory(&h, 0, 0, &empty, &hash, err);
	} else if (errno == ENOTDIR) {
		CLEANUP(free) char *above = path_dir(path), *name = path_base(path);
		CLEANUP(fd) int parent = open(above, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		r = parent < 0 ? werr_errno(err, errno, "can't open %s", above)
			       : hash_regular(parent, name, path, &mode, &hash, err);
	} else {
		r = werr_errno(err, errno, "can't open %s", path);
	}
	sha1_text(&hash, ret);
	return r;
}
