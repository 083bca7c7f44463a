/* SPDX-License-Identifier: Apache-2.0 */
/* The directory of the kept pieces, and the removal of old ones. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/atomic-file.h"
#include "base/cancel.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "hash/sha256.h"
#include "base/str.h"
#include "store/dir.h"
#include "store/piece-impl.h"

/* A writer that is still active after this is considered dead. */
enum { UNFINISHED_SECONDS = 3600 };

struct visitor {
	store_piece_visit *visit;
	void *ctx;
};

/*
 * Match HEX.PID-N or a temporary name of atomic_file: a piece that was being written. Other files
 * in the directory are left alone.
 */
static bool is_unfinished(const char *name)
{
	return file_is_leftover(name, NULL) ||
	       (strspn(name, "0123456789abcdef") == SHA256_HEX && name[SHA256_HEX] == '.');
}

/* A file_visit. */
static int visit_entry(int dir_fd, const char *name, void *ctx, struct werr **err)
{
	const struct visitor *v = ctx;
	CLEANUP(free) char *text = str_printf("sha256:%s", name);
	struct kept_piece piece = {.name = name};
	struct digest key;
	struct stat st;
	int r = cancel_check(err);

	if (r < 0)
		return r;
	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : werr_errno(err, errno, "can't read piece %s", name);
	if (digest_parse(text, &key, NULL) == 0)
		piece.key = &key;
	if (S_ISDIR(st.st_mode) || (!piece.key && !is_unfinished(name)))
		return 0;
	piece.size = (uint64_t)st.st_size;
	piece.used = st.st_mtime;
	return v->visit(dir_fd, &piece, v->ctx, err);
}

int store_visit_pieces(struct store *s, store_piece_visit *visit, void *ctx, struct werr **err)
{
	CLEANUP(werr) struct werr *why = NULL;
	CLEANUP(fd) int fd = -1;
	struct visitor v = {visit, ctx};
	int r = store_open_dir(s, "pieces", false, &fd, &why);

	if (r == -ENOENT)
		return 0;
	if (r == 0)
		return file_visit_fd(fd, visit_entry, &v, err);
	werr_pass(err, STEAL(why));
	return r;
}

struct old {
	char name[NAME_MAX + 1];
	uint64_t size;
	int64_t used;
};

struct trim {
	struct store_garbage *garbage;
	int64_t oldest; /* to be kept */
	int64_t oldest_unfinished;
	struct old *left;
	size_t n, cap;
	uint64_t bytes; /* of the pieces left */
};

static int remove_piece(
	struct trim *t, int dir_fd, const char *name, uint64_t size, struct werr **err)
{
	log_detail("remove piece %s", name);
	if (unlinkat(dir_fd, name, 0) < 0 && errno != ENOENT)
		return werr_errno(err, errno, "can't remove piece %s", name);
	t->garbage->blobs++;
	t->garbage->bytes += size;
	return 0;
}

/* A store_piece_visit. */
static int remove_or_note(int dir_fd, const struct kept_piece *p, void *ctx, struct werr **err)
{
	struct trim *t = ctx;
	struct old *o;

	if (p->used < (p->key ? t->oldest : t->oldest_unfinished))
		return remove_piece(t, dir_fd, p->name, p->size, err);
	if (!p->key)
		return 0;
	mem_grow(&t->left, t->n, &t->cap, sizeof(*t->left));
	o = &t->left[t->n++];
	*o = (struct old){.size = p->size, .used = p->used};
	str_copy(o->name, sizeof(o->name), p->name);
	t->bytes += p->size;
	return 0;
}

static int by_use(const void *a, const void *b)
{
	const struct old *x = a, *y = b;

	return x->used < y->used ? -1 : x->used > y->used;
}

static int remove_oldest(struct store *s, struct trim *t, uint64_t max_bytes, struct werr **err)
{
	CLEANUP(fd) int dir_fd = -1;
	int r = t->bytes > max_bytes ? store_open_dir(s, "pieces", false, &dir_fd, err) : 0;

	if (r < 0 || t->bytes <= max_bytes)
		return r;
	qsort(t->left, t->n, sizeof(*t->left), by_use);
	for (size_t i = 0; r == 0 && i < t->n && t->bytes > max_bytes; i++) {
		r = remove_piece(t, dir_fd, t->left[i].name, t->left[i].size, err);
		t->bytes -= t->left[i].size;
	}
	return r;
}

int store_trim_pieces(struct store *s, uint64_t max_seconds, uint64_t max_bytes,
	struct store_garbage *ret, struct werr **err)
{
	struct store_garbage garbage = {0};
	int64_t now = time(NULL);
	struct trim t = {.garbage = &garbage,
		.oldest = max_seconds < (uint64_t)now ? now - (int64_t)max_seconds : 0,
		.oldest_unfinished = now - UNFINISHED_SECONDS};
	int r = store_visit_pieces(s, remove_or_note, &t, err);

	if (r == 0)
		r = remove_oldest(s, &t, max_bytes, err);
	free(t.left);
	if (r == 0)
		*ret = garbage;
	return r;
}

/* ---- the secret that certifies them ---- */

bool store_get_secret(struct store *s, bool make, unsigned char ret[static SECRET_SIZE])
{
	CLEANUP(werr) struct werr *why = NULL;
	struct store_secret *secret = &s->secret;
	int try = make ? SECRET_MADE : SECRET_LOOKED_FOR, r;
	bool known;

	pthread_mutex_lock(&s->mutex);
	if (!secret->known && secret->tried < try) {
		r = secret_get(make, secret->key, &why);
		secret->known = r == 0;
		secret->tried = try;
		if (r < 0 && make)
			log_info("pieces of the build are not kept: %s", why->message);
	}
	known = secret->known;
	if (known)
		memcpy(ret, secret->key, SECRET_SIZE);
	pthread_mutex_unlock(&s->mutex);
	return known;
}
