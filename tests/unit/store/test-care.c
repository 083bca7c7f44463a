/* SPDX-License-Identifier: Apache-2.0 */
/* What is not ours is not touched, and what can't be read is not garbage. */
#include "fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "store/internal.h"

static char *make_dir(const char *dir, const char *name)
{
	char *path = fixture_path(dir, name);
	struct werr *err = NULL;

	assert_ok(file_make_dirs(path, 0700, &err), err);
	return path;
}

static char *make_file(const char *dir, const char *name)
{
	char *path = fixture_path(dir, name);
	struct werr *err = NULL;

	assert_ok(file_write_atomic(path, 0644, "x", 1, &err), err);
	return path;
}

/* Only our own files go from ingest/. */
static void test_foreign_ingest(void **state)
{
	static const char *const kept[] = {"s/ingest/letter", "s/ingest/blob-short",
		"s/ingest/blob-toolong", "s/ingest/blob-ABCDEF/inside",
		"s/ingest/other/blob-abcdef"};
	CLEANUP(store) struct store *s = fixture_store(*state, "s");
	CLEANUP(free) ATTR_UNUSED char *a = make_dir(*state, "s/ingest/blob-ABCDEF");
	CLEANUP(free) ATTR_UNUSED char *b = make_dir(*state, "s/ingest/other");
	CLEANUP(free) char *ours = make_file(*state, "s/ingest/blob-abcdef");
	struct store_garbage garbage;
	struct werr *err = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(kept); i++)
		free(make_file(*state, kept[i]));
	assert_ok(store_hold(s, &err), err);
	assert_ok(store_gc(s, &garbage, &err), err);
	assert_false(file_exists(ours));
	for (size_t i = 0; i < ARRAY_SIZE(kept); i++) {
		CLEANUP(free) char *path = fixture_path(*state, kept[i]);

		assert_true(file_exists(path));
	}
}

/* A directory of the store that is a link is refused, and what it leads to is left alone. */
static void test_links(void **state)
{
	static const char *const names[] = {
		"ingest", "blobs/sha256", "lock", "index.lock", "index.json"};
	CLEANUP(free) char *elsewhere = make_dir(*state, "elsewhere");
	CLEANUP(free) char *blob = make_file(*state, "elsewhere/blob-abcdef");
	CLEANUP(free) char *made = fixture_path(*state, "elsewhere/made");

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *target =
			strchr(names[i], 'l') == names[i] || names[i][2] == 'd' ? made : elsewhere;
		CLEANUP(free) char *place = str_printf("s%zu", i);
		CLEANUP(store) struct store *s = fixture_store(*state, place);
		CLEANUP(free) char *link = fixture_path(store_dir(s), names[i]);
		CLEANUP(store) struct store *again = NULL;
		struct store_garbage garbage;
		struct werr *err = NULL;
		int r;

		assert_ok(file_remove_all(link, &err), err);
		assert_int_equal(symlink(target, link), 0);
		r = store_open(&again, store_dir(s), &err);
		if (r == 0)
			r = store_hold(again, &err);
		if (r == 0)
			r = store_gc(again, &garbage, &err);
		assert_int_equal(r, -EINVAL);
		assert_non_null(strstr(err->message, names[i]));
		/* Who removes all need not have read anything. */
		if (again && strstr(names[i], "index."))
			assert_int_equal(store_clean(again, NULL), -EINVAL);
		werr_free(err);
		assert_true(file_exists(blob));
		assert_false(file_exists(made));
	}
}

/* Blobs that another program keeps, without an oci-layout, would all be garbage. */
static void test_foreign_blobs(void **state)
{
	CLEANUP(free) char *dir = make_dir(*state, "foreign");
	CLEANUP(free) ATTR_UNUSED char *blobs = make_dir(*state, "foreign/blobs/sha256");
	CLEANUP(free)
	char *blob = make_file(*state,
		"foreign/blobs/sha256/"
		"2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881");
	CLEANUP(free) char *index = fixture_path(dir, "index.json");
	CLEANUP(store) struct store *s = NULL;
	struct werr *err = NULL;

	assert_fails(store_open(&s, dir, &err), err, WERR_INVALID, "another program");
	assert_true(file_exists(blob));
	assert_false(file_exists(index));
}

/* Nobody waits for the other end of a fifo. */
static void test_fifos(void **state)
{
	static const char *const names[] = {"oci-layout", "index.json", "lock", "index.lock"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		CLEANUP(free) char *place = str_printf("s%zu", i);
		CLEANUP(store) struct store *s = fixture_store(*state, place);
		CLEANUP(free) char *path = fixture_path(store_dir(s), names[i]);
		CLEANUP(store) struct store *again = NULL;
		struct store_garbage garbage;
		struct werr *err = NULL;
		int r;

		unlink(path);
		assert_int_equal(mkfifo(path, 0600), 0);
		r = store_open(&again, store_dir(s), &err);
		if (r == 0)
			r = store_gc(again, &garbage, &err);
		assert_int_equal(r, -EINVAL);
		assert_non_null(strstr(err->message, "not a regular file"));
		werr_free(err);
	}
}

/* ---- the collector ---- */

/* A store with two images, and a blob that nothing names. *ret is the first one's manifest. */
static struct store *store_with_garbage(
	void **state, struct descriptor *ret, struct digest *garbage)
{
	struct store *s = fixture_store(*state, "s");
	struct descriptor d = {0};
	struct werr *err = NULL;

	fixture_image(s, "a", "amd64", "layer of a", ret);
	fixture_image(s, "b", "amd64", "layer of b", NULL);
	assert_ok(store_put(s, "unnamed", 7, &d, &err), err);
	*garbage = d.digest;
	return s;
}

enum { BLOBS = 7 };

/* Nothing goes as long as a manifest can't be read; when its image is removed, the garbage goes. */
static void check_kept(struct store *s, const struct digest *garbage, int expected)
{
	struct store_garbage removed;
	struct werr *err = NULL;
	int r = store_gc(s, &removed, &err);

	assert_int_equal(r, expected);
	assert_non_null(strstr(err->message, "docker.io/library/a:latest"));
	assert_non_null(err->hint);
	werr_free(err);
	err = NULL;
	assert_int_equal(fixture_entries(s, "blobs/sha256"), BLOBS);
	/* The name goes, as it was asked; the blobs stay, and that is told. */
	assert_int_equal(fixture_remove(s, "b", &err), expected);
	werr_free(err);
	err = NULL;
	assert_false(fixture_finds(s, "b", "amd64"));
	assert_int_equal(fixture_entries(s, "blobs/sha256"), BLOBS);
	assert_ok(fixture_remove(s, "a", &err), err);
	assert_false(fixture_has_blob(s, garbage));
}

static void test_damaged_manifest(void **state)
{
	struct digest garbage;
	struct descriptor top;
	CLEANUP(store) struct store *s = store_with_garbage(state, &top, &garbage);
	CLEANUP(free) char *path = fixture_blob_path(s, &top.digest);
	int fd = open(path, O_RDWR);

	assert_int_equal(pwrite(fd, " ", 1, 0), 1);
	close(fd);
	check_kept(s, &garbage, -EBADMSG);
	descriptor_cleanup(&top);
}

static void test_manifest_is_no_file(void **state)
{
	struct digest garbage;
	struct descriptor top;
	CLEANUP(store) struct store *s = store_with_garbage(state, &top, &garbage);
	CLEANUP(free) char *path = fixture_blob_path(s, &top.digest);

	unlink(path);
	assert_int_equal(symlink("/nowhere", path), 0);
	check_kept(s, &garbage, -EBADMSG);
	descriptor_cleanup(&top);
}

static void test_unreadable_manifest(void **state)
{
	if (geteuid() == 0)
		skip(); /* root may read everything */

	struct digest garbage;
	struct descriptor top;
	CLEANUP(store) struct store *s = store_with_garbage(state, &top, &garbage);
	CLEANUP(free) char *path = fixture_blob_path(s, &top.digest);

	assert_int_equal(chmod(path, 0), 0);
	check_kept(s, &garbage, -EACCES);
	descriptor_cleanup(&top);
}

/* A stat that fails with anything else than ENOENT: here the directory's descriptor is another
 * file's. */
static void test_stat_fails(void **state)
{
	struct digest garbage;
	struct descriptor top;
	CLEANUP(store) struct store *s = store_with_garbage(state, &top, &garbage);
	struct store_garbage removed;
	struct store_check check = {0};
	struct werr *err = NULL;
	int blobs_fd = s->blobs_fd[DIGEST_SHA256];
	bool there;

	s->blobs_fd[DIGEST_SHA256] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	assert_int_equal(store_has_blob(s, &top.digest, &there, &err), -ENOTDIR);
	werr_free(err);
	err = NULL;
	assert_int_equal(store_gc(s, &removed, &err), -ENOTDIR);
	werr_free(err);
	err = NULL;
	check.problems = &(struct store_problem){.digest = top.digest};
	check.n = 1;
	assert_int_equal(store_remove_damaged(s, &check, &err), -ENOTDIR);
	werr_free(err);
	close(s->blobs_fd[DIGEST_SHA256]);
	s->blobs_fd[DIGEST_SHA256] = blobs_fd;
	assert_int_equal(fixture_entries(s, "blobs/sha256"), BLOBS);
	descriptor_cleanup(&top);
}

/* An index that can't be looked for is not made anew. */
static void test_index_stays(void **state)
{
	CLEANUP(store) struct store *s = fixture_store(*state, "s");
	CLEANUP(free) char *layout = fixture_path(store_dir(s), "oci-layout");
	CLEANUP(store) struct store *again = NULL;
	struct store_entries e = {0};
	struct werr *err = NULL;

	fixture_image(s, "a", "amd64", "layer", NULL);
	unlink(layout);
	assert_fails(store_open(&again, store_dir(s), &err), err, WERR_INVALID, "no oci-layout");
	assert_ok(store_list(s, &e, &err), err);
	assert_int_equal(e.n, 1);
	store_entries_cleanup(&e);
}

/* What was found stays to be found, though another process takes its name away; the next process
 * does not find it. */
static void test_name_is_taken_away(void **state)
{
	CLEANUP(store) struct store *s = fixture_store(*state, "s");
	CLEANUP(store) struct store *other = fixture_store(*state, "s");
	CLEANUP(store) struct store *after = NULL;
	struct werr *err = NULL;

	fixture_image(other, "a", "amd64", "layer of a", NULL);
	assert_true(fixture_finds(s, "a", "amd64"));
	fixture_image(s, "b", "amd64", "layer of b", NULL);
	assert_ok(store_clean(other, &err), err);
	assert_int_equal(fixture_check_image(s, "a", "amd64"), 0);
	assert_int_equal(fixture_check_image(s, "b", "amd64"), 0);
	after = fixture_store(*state, "s");
	assert_false(fixture_finds(after, "a", "amd64"));
	/* Our own removal is meant. */
	assert_ok(store_clean(s, &err), err);
	assert_false(fixture_finds(s, "a", "amd64"));
}

int main(void)
{
#define TEST(f_) cmocka_unit_test_setup_teardown(f_, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_foreign_ingest),
		TEST(test_links),
		TEST(test_foreign_blobs),
		TEST(test_fifos),
		TEST(test_damaged_manifest),
		TEST(test_manifest_is_no_file),
		TEST(test_unreadable_manifest),
		TEST(test_stat_fails),
		TEST(test_index_stays),
		TEST(test_name_is_taken_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
