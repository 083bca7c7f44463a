/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "hash/sha256.h"
#include "store/piece.h"

static struct digest key(const char *text)
{
	struct digest d;

	digest_of(text, strlen(text), &d);
	return d;
}

/* Write a piece; text NULL: that there is none. */
static struct piece put(struct store *s, const struct digest *k, const char *text, bool keep)
{
	CLEANUP(piece_writer) struct piece_writer *w = NULL;
	struct piece p;
	struct werr *err = NULL;

	assert_ok(store_new_piece(s, k, &w, &err), err);
	if (text)
		assert_ok(writer_write(piece_writer_stream(w), text, strlen(text), &err), err);
	piece_writer_finish(w, text != NULL, keep, &p);
	return p;
}

static void assert_piece(const struct piece *p, const char *text)
{
	char got[64] = {0};

	assert_true(p->fd >= 0);
	assert_int_equal(p->size, strlen(text));
	assert_int_equal(pread(p->fd, got, p->size, 0), (int)p->size);
	assert_string_equal(got, text);
}

static void test_kept(void **state)
{
	CLEANUP(store) struct store *s = fixture_store(*state, "s");
	struct digest k = key("k"), empty = key("empty"), none = key("none");
	struct piece written, found;

	assert_false(store_find_piece(s, &k, &found));
	written = put(s, &k, "hello", true);
	assert_piece(&written, "hello");
	assert_true(store_find_piece(s, &k, &found));
	assert_piece(&found, "hello");
	piece_cleanup(&written);
	piece_cleanup(&found);
	/* An empty piece, and none at all. */
	written = put(s, &empty, "", true);
	assert_true(store_find_piece(s, &empty, &found));
	assert_true(found.fd >= 0 && found.size == 0);
	piece_cleanup(&written);
	piece_cleanup(&found);
	written = put(s, &none, NULL, true);
	assert_true(store_find_piece(s, &none, &found));
	assert_int_equal(written.fd, -1);
	assert_int_equal(found.fd, -1);
}

static struct digest key_of(struct store *s, const char *what, const char *text)
{
	CLEANUP(reader) struct reader *from = mem_reader_new(text, strlen(text));
	struct digest d;

	assert_true(store_key_of_bytes(s, what, from, &d));
	return d;
}

/* It depends on the bytes, on what they are for and on the secret, and on nothing else. */
static void test_key_of_bytes(void **state)
{
	CLEANUP(store) struct store *s = fixture_store(*state, "s");
	struct digest a = key_of(s, "names", "bytes"), again = key_of(s, "names", "bytes"),
		      other = key_of(s, "names", "Bytes"), longer = key_of(s, "names", "bytes "),
		      purpose = key_of(s, "name", "bytes"), empty = key_of(s, "names", ""),
		      elsewhere;

	CLEANUP(free) char *secret = fixture_path(*state, "wherry/pieces.key");
	CLEANUP(store) struct store *t = NULL;

	assert_int_equal(unlink(secret), 0);
	t = fixture_store(*state, "t");
	elsewhere = key_of(t, "names", "bytes");
	assert_false(digest_eq(&a, &elsewhere));
	assert_true(digest_eq(&a, &again));
	assert_false(digest_eq(&a, &other));
	assert_false(digest_eq(&a, &longer));
	assert_false(digest_eq(&a, &purpose));
	assert_false(digest_eq(&a, &empty));
}

static void assert_digest(const struct piece *p, const char *expected)
{
	char digest[SHA256_HEX + 1];
	struct werr *err = NULL;

	assert_ok(piece_digest(p, digest, &err), err);
	assert_string_equal(digest, expected);
}

/* It comes from the bytes, whether they were kept, found, or neither. */
static void test_digest(void **state)
{
	CLEANUP(store) struct store *s = fixture_store(*state, "s");
	struct digest k = key("k"), other = key("other");
	struct piece pieces[5] = {put(s, &k, "hello", true), put(s, &other, "hello", false),
		put(s, NULL, "hello", true), {.fd = -1}, put(s, &other, "Hello", true)};
	char expected[SHA256_HEX + 1], digest[SHA256_HEX + 1];
	struct werr *err = NULL;

	sha256_of("hello+", 6, expected);
	assert_true(store_find_piece(s, &k, &pieces[3]));
	for (size_t i = 0; i < 4; i++)
		assert_digest(&pieces[i], expected);
	assert_ok(piece_digest(&pieces[4], digest, &err), err);
	assert_string_not_equal(digest, expected);
	for (size_t i = 0; i < ARRAY_SIZE(pieces); i++)
		piece_cleanup(&pieces[i]);
}

/* A hole takes no room and is part of what is checked. */
static void test_hole(void **state)
{
	enum { HOLE = 1 << 20 };
	CLEANUP(store) struct store *s = fixture_store(*state, "s");
	CLEANUP(piece_writer) struct piece_writer *w = NULL;
	struct digest k = key("k");
	struct piece written, found;
	struct werr *err = NULL;
	char end[2] = {0};
	struct stat st;

	assert_ok(store_new_piece(s, &k, &w, &err), err);
	assert_ok(writer_skip(piece_writer_stream(w), HOLE, &err), err);
	assert_ok(writer_write(piece_writer_stream(w), "x", 1, &err), err);
	assert_ok(writer_skip(piece_writer_stream(w), 1, &err), err);
	piece_writer_finish(w, true, true, &written);
	assert_true(store_find_piece(s, &k, &found));
	assert_int_equal(found.size, HOLE + 2);
	assert_int_equal(pread(found.fd, end, 2, HOLE), 2);
	assert_memory_equal(end, "x", 2);
	assert_int_equal(fstat(found.fd, &st), 0);
	assert_true(st.st_blocks * 512 < HOLE / 2);
	piece_cleanup(&written);
	piece_cleanup(&found);
}

/* What was made from files that changed meanwhile is good for this build only; without a key
 * nothing is kept either. */
static void test_not_kept(void **state)
{
	CLEANUP(store) struct store *s = fixture_store(*state, "s");
	struct digest k = key("k");
	struct piece p = put(s, &k, "hello", false);

	assert_piece(&p, "hello");
	piece_cleanup(&p);
	assert_false(store_find_piece(s, &k, &p));
	assert_int_equal(fixture_entries(s, "pieces"), 0);
	p = put(s, NULL, "hello", true);
	assert_piece(&p, "hello");
	piece_cleanup(&p);
	assert_int_equal(fixture_entries(s, "pieces"), 0);
}

/* A reader keeps its piece when it is removed, or replaced, under it. */
static void test_removed_while_it_is_used(void **state)
{
	CLEANUP(store) struct store *s = fixture_store(*state, "s");
	struct digest k = key("k");
	struct piece first = put(s, &k, "first", true), second;
	struct store_garbage garbage;
	struct werr *err = NULL;

	second = put(s, &k, "second", true);
	assert_piece(&first, "first");
	assert_ok(store_trim_pieces(s, PIECES_MAX_SECONDS, 0, &garbage, &err), err);
	assert_int_equal(garbage.blobs, 1);
	assert_piece(&second, "second");
	piece_cleanup(&first);
	piece_cleanup(&second);
	assert_false(store_find_piece(s, &k, &first));
}

/* The one kept piece: its name, and its bytes. */
static char *kept_path(struct store *s)
{
	CLEANUP(free) char *dir = fixture_path(store_dir(s), "pieces");
	DIR *d = opendir(dir);
	struct dirent *e;
	char *path = NULL;

	assert_non_null(d);
	while ((e = readdir(d)))
		if (e->d_name[0] != '.')
			path = fixture_path(dir, e->d_name);
	closedir(d);
	assert_non_null(path);
	return path;
}

/* Whoever writes into a store, also with all that can be read there, makes no piece that a build
 * takes. */
static void test_forged(void **state)
{
	CLEANUP(store) struct store *s = fixture_store(*state, "s");
	struct digest k = key("k"), other = key("other");
	CLEANUP(free) char *path = NULL;
	CLEANUP(free) char *text = NULL;
	struct piece p = put(s, &k, "hello", true);
	char hex[SHA256_HEX + 1];
	struct werr *err = NULL;
	struct store_check check = {0};
	size_t size;

	piece_cleanup(&p);
	path = kept_path(s);
	assert_ok(file_read(path, 1000, &text, &size, &err), err);
	assert_ok(store_verify(s, NULL, &check, &err), err);
	assert_int_equal(check.n, 0);

	/* Other bytes, with a digest that is right for them. */
	memcpy(text, "evil!", 5);
	sha256_of("evil!+", 6, hex);
	memcpy(text + 5, hex, SHA256_HEX);
	assert_ok(file_write_atomic(path, 0644, text, size, &err), err);
	assert_ok(store_verify(s, NULL, &check, &err), err);
	assert_int_equal(check.n, 1);
	store_check_cleanup(&check);
	assert_false(store_find_piece(s, &k, &p));
	assert_false(file_exists(path));

	/* A good piece under another one's name. */
	p = put(s, &other, "other", true);
	piece_cleanup(&p);
	free(STEAL(text));
	{
		CLEANUP(free) char *from = kept_path(s);

		assert_int_equal(rename(from, path), 0);
	}
	assert_false(store_find_piece(s, &k, &p));
	assert_false(store_find_piece(s, &other, &p));
}

enum { LARGE = (2 << 20) + 1, TAIL = SHA256_HEX + 1 + 32 + 32 + SHA256_HEX };

/* Keep a large piece, flip a bit of its file, and see that it is noticed. */
static void flip(struct store *s, const char *large, size_t at)
{
	CLEANUP(free) char *path = NULL;
	CLEANUP(free) char *text = NULL;
	struct digest k = key("k");
	struct piece p = put(s, &k, large, true);
	struct werr *err = NULL;
	size_t size;

	piece_cleanup(&p);
	assert_true(store_find_piece(s, &k, &p));
	assert_int_equal(p.size, LARGE);
	piece_cleanup(&p);
	path = kept_path(s);
	assert_ok(file_read(path, 2 * LARGE, &text, &size, &err), err);
	assert_int_equal(size, LARGE + TAIL + 1);
	text[at] ^= 1;
	assert_ok(file_write_atomic(path, 0644, text, size, &err), err);
	assert_false(store_find_piece(s, &k, &p));
}

/* A large piece's bytes are checked by a code; its tail counts as well. */
static void test_large(void **state)
{
	CLEANUP(store) struct store *s = fixture_store(*state, "s");
	CLEANUP(free) char *large = mem_alloc(LARGE + 1);

	memset(large, 'x', LARGE);
	flip(s, large, 0);
	for (size_t at = LARGE - 1; at < LARGE + TAIL; at += 16)
		flip(s, large, at);
}

/* Another user's pieces are not taken, and stay. */
static void test_another_secret(void **state)
{
	CLEANUP(store) struct store *s = fixture_store(*state, "s");
	CLEANUP(store) struct store *again = NULL;
	CLEANUP(free) char *secret = fixture_path(*state, "wherry/pieces.key");
	CLEANUP(free) char *dir = fixture_path(*state, "s");
	struct digest k = key("k");
	struct piece p = put(s, &k, "hello", true);
	struct werr *err = NULL;
	struct stat st;

	piece_cleanup(&p);
	assert_int_equal(stat(secret, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(st.st_size, 32);
	assert_int_equal(unlink(secret), 0);
	assert_ok(store_open(&again, dir, &err), err);
	assert_false(store_find_piece(again, &k, &p));
	p = put(again, &k, "hello", true);
	piece_cleanup(&p);
	assert_int_equal(fixture_entries(again, "pieces"), 2);
	assert_true(store_find_piece(s, &k, &p));
	piece_cleanup(&p);
	assert_true(store_find_piece(again, &k, &p));
	piece_cleanup(&p);
}

static void assert_none_kept(const char *dir, const char *name)
{
	CLEANUP(store) struct store *s = fixture_store(dir, name);
	CLEANUP(free) char *pieces = fixture_path(store_dir(s), "pieces");
	struct digest k = key("k");
	struct piece p = put(s, &k, "hello", true);

	assert_piece(&p, "hello");
	piece_cleanup(&p);
	assert_false(store_find_piece(s, &k, &p));
	assert_false(file_exists(pieces));
}

/* Nothing is kept without a place for the secret, or when it is open to others or no secret at all.
 */
static void test_without_a_secret(void **state)
{
	CLEANUP(free) char *secret = fixture_path(*state, "wherry/pieces.key");
	CLEANUP(free) char *dir = fixture_path(*state, "wherry");
	CLEANUP(free) char *nowhere = fixture_path(*state, "file/below");
	CLEANUP(free) char *file = fixture_path(*state, "file");
	struct werr *err = NULL;

	assert_int_equal(mkdir(dir, 0700), 0);
	assert_ok(
		file_write_atomic(secret, 0644, "12345678901234567890123456789012", 32, &err), err);
	assert_none_kept(*state, "open");
	assert_ok(file_write_atomic(secret, 0600, "", 0, &err), err);
	assert_none_kept(*state, "empty");
	assert_ok(file_write_atomic(file, 0600, "", 0, &err), err);
	setenv("XDG_STATE_HOME", nowhere, 1);
	assert_none_kept(*state, "no-directory");
	unsetenv("XDG_STATE_HOME");
	unsetenv("HOME");
	assert_none_kept(*state, "no-home");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_kept, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_key_of_bytes, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_digest, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_hole, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_not_kept, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			test_removed_while_it_is_used, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_forged, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_large, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			test_another_secret, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			test_without_a_secret, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
