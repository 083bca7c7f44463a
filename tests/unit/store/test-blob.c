/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include <fcntl.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

static void test_put_and_read(void **state)
{
	CLEANUP(store) struct store *s = fixture_store(*state, "s");
	CLEANUP(free) char *text = NULL;
	struct descriptor d = {0};
	struct digest other;
	struct werr *err = NULL;

	assert_ok(store_put(s, "hello", 5, &d, &err), err);
	assert_int_equal(d.size, 5);
	assert_true(fixture_has_blob(s, &d.digest));
	assert_ok(store_read_blob(s, &d, 100, &text, &err), err);
	assert_string_equal(text, "hello");
	digest_of("other", 5, &other);
	assert_false(fixture_has_blob(s, &other));
	d.digest = other;
	assert_fails(store_read_blob(s, &d, 100, &text, &err), err, WERR_NOT_FOUND, "sha256:");
	assert_fails(store_read_blob(s, &d, 4, &text, &err), err, WERR_LIMIT, "more than the 4");
}

/* A flipped byte, a cut and an added byte: each is noticed, and the error tells the way out. */
static void test_damage(void **state)
{
	static const char *const damages[] = {"hellO", "hell", "hello!"};
	CLEANUP(store) struct store *s = fixture_store(*state, "s");
	CLEANUP(free) char *path = NULL;
	struct descriptor d = {0};
	struct werr *err = NULL;
	char *text = NULL;

	assert_ok(store_put(s, "hello", 5, &d, &err), err);
	path = fixture_blob_path(s, &d.digest);
	for (size_t i = 0; i < ARRAY_SIZE(damages); i++) {
		assert_ok(file_write_atomic(path, 0644, damages[i], strlen(damages[i]), &err), err);
		assert_int_equal(store_read_blob(s, &d, 100, &text, &err), -EBADMSG);
		assert_int_equal(err->kind, WERR_CORRUPT);
		assert_non_null(strstr(err->message, d.digest.text));
		assert_non_null(strstr(err->hint, "import the image again"));
		werr_free(STEAL(err));
	}
	/* Writing it again mends it. */
	assert_ok(store_put(s, "hello", 5, &d, &err), err);
	assert_ok(store_read_blob(s, &d, 100, &text, &err), err);
	free(text);
}

static void test_unfinished(void **state)
{
	CLEANUP(store) struct store *s = fixture_store(*state, "s");
	struct blob_writer *b = NULL;
	struct digest expected;
	struct werr *err = NULL;

	assert_ok(store_new_blob(s, &b, &err), err);
	assert_ok(writer_write(blob_writer_stream(b), "bytes", 5, &err), err);
	assert_int_equal(fixture_entries(s, "blobs/sha256"), 0);
	blob_writer_free(b);
	assert_int_equal(fixture_entries(s, "ingest"), 0);

	digest_of("others", 6, &expected);
	assert_ok(store_new_blob(s, &b, &err), err);
	assert_ok(writer_write(blob_writer_stream(b), "bytes", 5, &err), err);
	assert_fails(
		blob_writer_commit(b, &expected, NULL, &err), err, WERR_CORRUPT, expected.text);
	blob_writer_free(b);
	assert_int_equal(fixture_entries(s, "ingest"), 0);
	assert_int_equal(fixture_entries(s, "blobs/sha256"), 0);
}

/* What a process that was killed left is removed when the next one begins to write. */
static void test_leavings(void **state)
{
	CLEANUP(store) struct store *s = fixture_store(*state, "s");
	CLEANUP(free) char *left = fixture_path(store_dir(s), "ingest/blob-a1B2c3");
	struct werr *err = NULL;

	assert_ok(file_write_atomic(left, 0600, "x", 1, &err), err);
	assert_ok(store_hold(s, &err), err);
	assert_int_equal(fixture_entries(s, "ingest"), 0);
}

static void test_no_permission(void **state)
{
	if (geteuid() == 0)
		skip(); /* root may write everywhere */

	CLEANUP(free) char *path = fixture_path(*state, "ro");
	CLEANUP(store) struct store *s = NULL;
	struct werr *err = NULL;

	mkdir(path, 0500);
	assert_fails(store_open(&s, path, &err), err, WERR_DENIED, "can't use");
}

static void test_other_version(void **state)
{
	CLEANUP(free) char *path = fixture_path(*state, "s/oci-layout");
	CLEANUP(store) struct store *s = fixture_store(*state, "s");
	struct store *again = NULL;
	struct werr *err = NULL;

	assert_ok(file_write_atomic(path, 0644, "{\"imageLayoutVersion\":\"2.0\"}", 28, &err), err);
	assert_fails(store_open(&again, store_dir(s), &err), err, WERR_UNSUPPORTED, "version 1");
}

static void test_place(void **state)
{
	CLEANUP(store) struct store *s = fixture_store(*state, "store");
	CLEANUP(free)
	char *shared = fixture_path(*state, "shared"), *copy = fixture_path(*state, "copy");
	struct descriptor d = {0};
	struct werr *err = NULL;
	struct stat a, b;

	assert_ok(store_put(s, "hello", 5, &d, &err), err);
	assert_ok(store_place_blob(s, &d, STORE_PLACE_TO_READ, shared, &err), err);
	assert_ok(store_place_blob(s, &d, STORE_PLACE_TO_READ, shared, &err), err);
	assert_ok(store_place_blob(s, &d, STORE_PLACE_COPY, copy, &err), err);
	assert_int_equal(stat(shared, &a), 0);
	assert_int_equal(stat(copy, &b), 0);
	assert_int_equal(a.st_size, 5);
	assert_int_equal(a.st_nlink, 2);
	assert_int_equal(b.st_size, 5);
	assert_int_equal(b.st_nlink, 1);
	assert_int_equal(b.st_mode & 07777, 0600);
	/* What a machine has written stays. */
	assert_ok(file_write_atomic(copy, 0600, "mine", 4, &err), err);
	assert_ok(store_place_blob(s, &d, STORE_PLACE_COPY, copy, &err), err);
	assert_int_equal(stat(copy, &b), 0);
	assert_int_equal(b.st_size, 4);
	/* What is damaged is not handed out. */
	assert_ok(file_write_atomic(copy, 0644, "old", 3, &err), err);
	assert_int_equal(truncate(shared, 4), 0);
	assert_fails(store_place_blob(s, &d, STORE_PLACE_COPY, copy, &err), err, WERR_CORRUPT,
		"damaged");
	assert_fails(store_place_blob(s, &d, STORE_PLACE_TO_READ, copy, &err), err, WERR_CORRUPT,
		"damaged");
	assert_int_equal(stat(copy, &b), 0);
	assert_int_equal(b.st_size, 3);
}

int main(void)
{
#define TEST(f_) cmocka_unit_test_setup_teardown(f_, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_put_and_read),
		TEST(test_damage),
		TEST(test_unfinished),
		TEST(test_leavings),
		TEST(test_no_permission),
		TEST(test_other_version),
		TEST(test_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
