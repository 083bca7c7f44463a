/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include <sys/stat.h>
#include <unistd.h>

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

/* What was made from files that changed meanwhile is good for this build only; without a key nothing is kept either. */
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_kept, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_not_kept, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			test_removed_while_it_is_used, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
