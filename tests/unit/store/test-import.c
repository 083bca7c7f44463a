/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/file.h"

enum { TAR_MAX = 4 << 20 };

static int import(struct store *s, const char *path, const char *name, struct werr **err)
{
	CLEANUP(strv) struct strv imported = {0};

	return store_import(s, path, name, NULL, &imported, err);
}

/* A store is a layout, too: what one exports or is, another imports. */
static void test_directory(void **state)
{
	CLEANUP(store) struct store *from = fixture_store(*state, "from");
	CLEANUP(store) struct store *s = fixture_store(*state, "s");
	CLEANUP(strv) struct strv imported = {0};
	struct werr *err = NULL;

	fixture_image(from, "a:1", "amd64", "a", NULL);
	fixture_image(from, "host:5000/b", "arm64", "b", NULL);
	assert_ok(store_import(s, store_dir(from), NULL, NULL, &imported, &err), err);
	assert_int_equal(imported.n, 2);
	assert_true(strv_has(&imported, "docker.io/library/a:1"));
	assert_int_equal(fixture_check_image(s, "a:1", "amd64"), 0);
	assert_int_equal(fixture_check_image(s, "host:5000/b", "arm64"), 0);
}

static char *layout_tar(const char *dir, struct store *from, const char *reference)
{
	char *path = fixture_path(dir, "layout.tar");
	CLEANUP(atomic_file) struct atomic_file *f = NULL;
	CLEANUP(writer) struct writer *w = NULL;
	struct werr *err = NULL;

	assert_ok(atomic_file_open(&f, path, 0644, &err), err);
	w = fd_writer_new(f->fd, FD_LENT, path);
	assert_ok(fixture_export(from, reference, &(struct export_options){0}, w, &err), err);
	assert_ok(atomic_file_commit(f, &err), err);
	return path;
}

static void test_tar(void **state)
{
	CLEANUP(store) struct store *from = fixture_store(*state, "from");
	CLEANUP(store) struct store *s = fixture_store(*state, "s");
	CLEANUP(free) char *path = NULL;
	struct werr *err = NULL;

	fixture_image(from, "a:1", "amd64", "a", NULL);
	path = layout_tar(*state, from, "a:1");
	assert_ok(import(s, path, NULL, &err), err);
	assert_int_equal(fixture_check_image(s, "a:1", "amd64"), 0);
}

static void test_gzip_and_cut(void **state)
{
	CLEANUP(store) struct store *from = fixture_store(*state, "from");
	CLEANUP(store) struct store *s = fixture_store(*state, "s");
	CLEANUP(free) char *plain = NULL;
	CLEANUP(free) char *path = fixture_path(*state, "layout.tar.gz");
	CLEANUP(free) char *text = NULL;
	struct werr *err = NULL;
	struct stat st;
	size_t size;
	gzFile gz;

	fixture_image(from, "a:1", "amd64", "a", NULL);
	plain = layout_tar(*state, from, "a:1");
	assert_ok(file_read(plain, TAR_MAX, &text, &size, &err), err);
	gz = gzopen(path, "wb");
	assert_int_equal(gzwrite(gz, text, (unsigned)size), size);
	gzclose(gz);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(truncate(path, st.st_size - 9), 0);
	assert_fails(import(s, path, NULL, &err), err, WERR_CORRUPT, "is damaged");
	assert_int_equal(truncate(plain, 2000), 0);
	assert_int_equal(import(s, plain, NULL, &err) < 0, 1);
	werr_free(STEAL(err));
	assert_int_equal(fixture_entries(s, "blobs/sha256"), 0);
	gz = gzopen(path, "wb");
	assert_int_equal(gzwrite(gz, text, (unsigned)size), size);
	gzclose(gz);
	assert_ok(import(s, path, NULL, &err), err);
	assert_int_equal(fixture_check_image(s, "a:1", "amd64"), 0);
}

/* An image of a layout that has only a tag, or no name, and what the user's name makes of it. */
static void test_names(void **state)
{
	static const struct {
		const char *ref_name, *given, *name; /* name: NULL when it is refused */
	} rows[] = {
		{NULL, "me/x", "docker.io/me/x:latest"},
		{NULL, NULL, NULL},
		{"v1", "me/x", "docker.io/me/x:v1"},
		{"v1", "host:5000/x", "host:5000/x:v1"},
		{"v1", "me/x:v2", "docker.io/me/x:v2"},
		{"word", NULL, NULL},
		{"quay.io/a/b:1", "me/x", "docker.io/me/x:1"},
		{"UPPER/x", NULL, NULL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(free) char *dir = NULL;
		CLEANUP(free) char *index = NULL;
		CLEANUP(free) char *text = NULL;
		CLEANUP(strv) struct strv imported = {0};
		CLEANUP(werr) struct werr *err = NULL;
		struct manifest m = {.is_index = true, .n = 1};
		struct descriptor d = {0};
		size_t size;

		assert_ok(file_temp_dir(*state, "row", &dir, &err), err);
		CLEANUP(store) struct store *from = fixture_store(dir, "from");
		CLEANUP(store) struct store *s = fixture_store(dir, "s");
		fixture_image(from, NULL, "amd64", "x", &d);
		if (rows[i].ref_name)
			descriptor_annotate(&d, ANNOTATION_REF_NAME, rows[i].ref_name);
		m.items = &d;
		text = manifest_write(&m, &size);
		index = fixture_path(store_dir(from), "index.json");
		assert_ok(file_write_atomic(index, 0644, text, size, &err), err);
		descriptor_cleanup(&d);
		if (!rows[i].name) {
			assert_int_equal(store_import(s, store_dir(from), rows[i].given, NULL,
						 &imported, &err),
				-EINVAL);
			continue;
		}
		assert_ok(store_import(s, store_dir(from), rows[i].given, NULL, &imported, &err),
			err);
		assert_string_equal(imported.items[0], rows[i].name);
	}
}

/* Write index.json with these entries, each named ref_name (NULL: none). */
static void write_index(struct store *s, const char *ref_name, struct descriptor *items, size_t n)
{
	struct manifest m = {.is_index = true, .items = items, .n = n};
	CLEANUP(free) char *path = fixture_path(store_dir(s), "index.json");
	CLEANUP(free) char *text = NULL;
	struct werr *err = NULL;
	size_t size;

	for (size_t i = 0; ref_name && i < n; i++)
		descriptor_annotate(&items[i], ANNOTATION_REF_NAME, ref_name);
	text = manifest_write(&m, &size);
	assert_ok(file_write_atomic(path, 0644, text, size, &err), err);
	for (size_t i = 0; i < n; i++)
		descriptor_cleanup(&items[i]);
}

/* Entries of one name for several platforms are one image; of those for the same one the last
 * counts. */
static void test_flat_platforms(void **state)
{
	static const char *const names[] = {"x.test/a:1", NULL};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		CLEANUP(free) char *dir = str_printf("from%zu", i), *to = str_printf("to%zu", i);
		CLEANUP(store) struct store *from = fixture_store(*state, dir);
		CLEANUP(store) struct store *s = fixture_store(*state, to);
		struct descriptor items[3] = {0};
		struct store_entries e = {0};
		struct werr *err = NULL;

		fixture_image(from, NULL, "amd64", "for amd64", &items[0]);
		fixture_image(from, NULL, "arm64", "for arm64", &items[1]);
		fixture_image(from, NULL, "arm/v7", "for arm", &items[2]);
		items[1].has_platform = false; /* its configuration says it */
		write_index(from, names[i], items, 3);
		assert_ok(import(s, store_dir(from), names[i] ? NULL : "x.test/a:1", &err), err);
		assert_ok(store_list(s, &e, &err), err);
		assert_int_equal(e.n, 1);
		store_entries_cleanup(&e);
		assert_int_equal(fixture_check_image(s, "x.test/a:1", "amd64"), 0);
		assert_int_equal(fixture_check_image(s, "x.test/a:1", "arm64"), 0);
		assert_int_equal(fixture_check_image(s, "x.test/a:1", "arm/v7"), 0);

		fixture_image(from, NULL, "amd64", "old", &items[0]);
		fixture_image(from, NULL, "amd64", "new", &items[1]);
		write_index(from, names[i], items, 2);
		if (names[i])
			assert_ok(import(s, store_dir(from), NULL, &err), err);
		else
			assert_fails(import(s, store_dir(from), "y", &err), err, WERR_INVALID,
				"can't all be y");
	}
}

/* The blobs of some platforms may be missing; those of all may not. */
static void test_partial(void **state)
{
	CLEANUP(store) struct store *from = fixture_store(*state, "from");
	CLEANUP(store) struct store *s = fixture_store(*state, "s");
	CLEANUP(free) char *arm = NULL;
	CLEANUP(free) char *amd = NULL;
	struct descriptor items[2] = {0};
	struct werr *err = NULL;

	fixture_image(from, NULL, "arm64", "a", &items[0]);
	fixture_image(from, NULL, "amd64", "b", &items[1]);
	arm = fixture_blob_path(from, &items[0].digest);
	amd = fixture_blob_path(from, &items[1].digest);
	fixture_index(from, "x", items, 2, NULL);
	assert_int_equal(unlink(arm), 0);
	assert_ok(import(s, store_dir(from), NULL, &err), err);
	assert_int_equal(fixture_check_image(s, "x", "amd64"), 0);
	assert_false(fixture_finds(s, "x", "arm64"));

	assert_ok(store_clean(s, &err), err);
	assert_int_equal(unlink(amd), 0);
	assert_fails(import(s, store_dir(from), NULL, &err), err, WERR_NOT_FOUND, "is incomplete");
	assert_int_equal(fixture_entries(s, "blobs/sha256"), 0);
}

static void test_damaged_blob(void **state)
{
	CLEANUP(store) struct store *from = fixture_store(*state, "from");
	CLEANUP(store) struct store *s = fixture_store(*state, "s");
	CLEANUP(free) char *path = NULL;
	struct digest d;
	struct werr *err = NULL;

	fixture_image(from, "x", "amd64", "layer", NULL);
	digest_of("layer", 5, &d);
	path = fixture_blob_path(from, &d);
	assert_ok(file_write_atomic(path, 0644, "LAYER", 5, &err), err);
	assert_fails(import(s, store_dir(from), NULL, &err), err, WERR_CORRUPT, d.text);
	assert_ok(file_write_atomic(path, 0644, "longer", 6, &err), err);
	assert_fails(import(s, store_dir(from), NULL, &err), err, WERR_CORRUPT, d.text);
	/* Nothing of it stays. */
	assert_int_equal(fixture_entries(s, "blobs/sha256"), 0);
	assert_int_equal(fixture_entries(s, "ingest"), 0);
	/* A good copy is imported, and mends a store's damaged one. */
	assert_ok(file_write_atomic(path, 0644, "layer", 5, &err), err);
	assert_ok(import(s, store_dir(from), NULL, &err), err);
	free(STEAL(path));
	path = fixture_blob_path(s, &d);
	assert_ok(file_write_atomic(path, 0644, "LAYER", 5, &err), err);
	assert_ok(import(s, store_dir(from), NULL, &err), err);
	assert_int_equal(fixture_check_image(s, "x", "amd64"), 0);
}

enum { COPIES = 200 };

/* Indexes in indexes: up to four, and each is read once however often it is named. */
static void test_nested(void **state)
{
	CLEANUP(store) struct store *from = fixture_store(*state, "from");
	CLEANUP(store) struct store *s = fixture_store(*state, "s");
	struct descriptor d = {0};
	struct werr *err = NULL;

	fixture_image(from, NULL, "amd64", "x", &d);
	for (unsigned depth = 0; depth < 4; depth++) {
		struct descriptor items[COPIES] = {0};

		for (unsigned i = 0; i < COPIES; i++)
			descriptor_copy(&items[i], &d);
		descriptor_cleanup(&d);
		fixture_index(from, depth == 3 ? "deep" : NULL, items, COPIES, &d);
	}
	assert_ok(import(s, store_dir(from), NULL, &err), err);
	assert_int_equal(fixture_check_image(s, "deep", "amd64"), 0);
	assert_int_equal(fixture_entries(s, "blobs/sha256"), 7);
	fixture_index(from, "deeper", &d, 1, NULL);
	assert_fails(import(s, store_dir(from), NULL, &err), err, WERR_LIMIT, "deeper than 4");
}

static void test_fifo_as_blob(void **state)
{
	CLEANUP(store) struct store *from = fixture_store(*state, "from");
	CLEANUP(store) struct store *s = fixture_store(*state, "s");
	CLEANUP(free) char *path = NULL;
	struct digest d;
	struct werr *err = NULL;

	fixture_image(from, "x", "amd64", "layer", NULL);
	digest_of("layer", 5, &d);
	path = fixture_blob_path(from, &d);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0644), 0);
	assert_fails(import(s, store_dir(from), NULL, &err), err, WERR_INVALID, "is not a file");
}

/* Archives made to harm. Each is refused with its reason, and leaves nothing. */
static void test_hostile_layouts(void **state)
{
	CLEANUP(store) struct store *s = fixture_store(*state, "s");
	static const char hex[] =
		"blobs/sha256/e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
	static const char index[] = "{\"schemaVersion\":2,\"manifests\":[]}";
	struct werr *err = NULL;
	const struct {
		const char *path, *text, *again;
		enum werr_kind kind;
		const char *why;
	} rows[] = {
		{hex, "not empty", NULL, WERR_CORRUPT, "sha256:e3b0c44"},
		{"index.json", index, NULL, WERR_INVALID, "lists no image"},
		{"index.json", index, index, WERR_INVALID, "index.json twice"},
		{"index.json", "[[[[", NULL, WERR_INVALID, "not valid JSON"},
		{"manifest.json", "{}", NULL, WERR_INVALID, "not a list"},
		{"manifest.json", "[]", NULL, WERR_INVALID, "lists no image"},
		{"manifest.json", "[{}]", NULL, WERR_INVALID, "no configuration"},
		{"manifest.json", "[{\"Config\":\"../../etc/passwd\"}]", NULL, WERR_INVALID,
			"which is not there"},
		{"a.tar", "1", "2", WERR_INVALID, "a.tar twice"},
		{"../index.json", index, NULL, WERR_INVALID, "has no image"},
		{"bin/index.json", index, NULL, WERR_INVALID, "has no image"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(buf) struct buf tar = BUF_INIT(TAR_MAX);
		CLEANUP(free) char *path = NULL;

		fixture_tar_text(&tar, rows[i].path, rows[i].text);
		if (rows[i].again)
			fixture_tar_text(&tar, rows[i].path, rows[i].again);
		path = fixture_tar_file(*state, "hostile.tar", &tar);
		assert_fails(import(s, path, NULL, &err), err, rows[i].kind, rows[i].why);
	}
	assert_int_equal(fixture_entries(s, "blobs/sha256"), 0);
}

static void test_no_archive(void **state)
{
	CLEANUP(store) struct store *s = fixture_store(*state, "s");
	CLEANUP(free) char *path = fixture_path(*state, "file");
	struct werr *err = NULL;

	assert_fails(import(s, path, NULL, &err), err, WERR_NOT_FOUND, "can't import");
	assert_ok(file_write_atomic(path, 0644, "#!/bin/sh\n", 10, &err), err);
	assert_fails(import(s, path, NULL, &err), err, WERR_INVALID, "not a tar archive");
	assert_ok(file_write_atomic(path, 0644, "", 0, &err), err);
	assert_int_equal(import(s, path, NULL, &err), -EINVAL);
	werr_free(STEAL(err));
	assert_fails(import(s, *state, NULL, &err), err, WERR_INVALID, "no index.json");
}

int main(void)
{
#define TEST(f_) cmocka_unit_test_setup_teardown(f_, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_directory),
		TEST(test_tar),
		TEST(test_gzip_and_cut),
		TEST(test_names),
		TEST(test_flat_platforms),
		TEST(test_partial),
		TEST(test_damaged_blob),
		TEST(test_nested),
		TEST(test_fifo_as_blob),
		TEST(test_hostile_layouts),
		TEST(test_no_archive),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
