/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include <errno.h>
#include <stdlib.h>

#include "base/file.h"

/* Export to dir/name and return its path. */
static char *export_to(const char *dir, const char *name, struct store *s, const char *reference,
	const char *arch, enum store_format format)
{
	char *path = fixture_path(dir, name);
	CLEANUP(atomic_file) struct atomic_file *f = NULL;
	CLEANUP(writer) struct writer *w = NULL;
	struct werr *err = NULL;
	struct platform p;

	if (arch)
		assert_int_equal(platform_parse(arch, &p, NULL), 0);
	assert_ok(atomic_file_open(&f, path, 0644, &err), err);
	w = fd_writer_new(f->fd, FD_LENT, path);
	assert_ok(fixture_export(s, reference,
			  &(struct export_options){.format = format, .platform = arch ? &p : NULL},
			  w, &err),
		err);
	assert_ok(atomic_file_commit(f, &err), err);
	return path;
}

static struct store *multi(const char *dir)
{
	struct store *s = fixture_store(dir, "from");
	struct descriptor items[2] = {0};

	fixture_image(s, NULL, "arm64", "a", &items[0]);
	fixture_image(s, NULL, "amd64", "b", &items[1]);
	fixture_index(s, "x:1", items, 2, NULL);
	return s;
}

static void test_oci_keeps_all(void **state)
{
	CLEANUP(store) struct store *from = multi(*state);
	CLEANUP(store) struct store *s = fixture_store(*state, "s");
	CLEANUP(free) char *path = NULL;
	CLEANUP(strv) struct strv imported = {0};
	struct werr *err = NULL;

	path = export_to(*state, "x.tar", from, "x:1", NULL, STORE_FORMAT_OCI);
	assert_ok(store_import(s, path, NULL, NULL, &imported, &err), err);
	assert_int_equal(fixture_check_image(s, "x:1", "amd64"), 0);
	assert_int_equal(fixture_check_image(s, "x:1", "arm64"), 0);
}

static void test_one_platform(void **state)
{
	static const enum store_format formats[] = {STORE_FORMAT_OCI, STORE_FORMAT_DOCKER};
	CLEANUP(store) struct store *from = multi(*state);
	struct werr *err = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		CLEANUP(store) struct store *s = fixture_store(*state, i ? "s1" : "s0");
		CLEANUP(strv) struct strv imported = {0};
		CLEANUP(free) char *path = NULL;

		path = export_to(*state, "x.tar", from, "x:1", "amd64", formats[i]);
		assert_ok(store_import(s, path, NULL, NULL, &imported, &err), err);
		assert_string_equal(imported.items[0], "docker.io/library/x:1");
		assert_int_equal(fixture_check_image(s, "x:1", "amd64"), 0);
		assert_false(fixture_finds(s, "x:1", "arm64"));
	}
}

static void test_same_bytes(void **state)
{
	CLEANUP(store) struct store *from = multi(*state);
	CLEANUP(free) char *a = export_to(*state, "a", from, "x:1", NULL, STORE_FORMAT_OCI);
	CLEANUP(free) char *b = export_to(*state, "b", from, "x:1", NULL, STORE_FORMAT_OCI);
	CLEANUP(free) char *a_text = NULL;
	CLEANUP(free) char *b_text = NULL;
	struct werr *err = NULL;
	size_t a_size, b_size;

	assert_ok(file_read(a, 1 << 20, &a_text, &a_size, &err), err);
	assert_ok(file_read(b, 1 << 20, &b_text, &b_size, &err), err);
	assert_int_equal(a_size, b_size);
	assert_int_equal(a_size % 512, 0);
	assert_memory_equal(a_text, b_text, a_size);
}

static void test_refused(void **state)
{
	CLEANUP(store) struct store *from = multi(*state);
	CLEANUP(writer) struct writer *w = count_writer_new(NULL, NULL);
	CLEANUP(free) char *path = NULL;
	struct werr *err = NULL;
	struct platform p;
	struct digest d;

	assert_fails(fixture_export(from, "y",
			     &(struct export_options){.format = STORE_FORMAT_OCI, .platform = NULL},
			     w, &err),
		err, WERR_NOT_FOUND, "is not in the store");
	assert_fails(
		fixture_export(from, "x:1",
			&(struct export_options){.format = STORE_FORMAT_DOCKER, .platform = NULL},
			w, &err),
		err, WERR_USAGE, "say which");
	assert_int_equal(platform_parse("riscv64", &p, NULL), 0);
	assert_fails(fixture_export(from, "x:1",
			     &(struct export_options){.format = STORE_FORMAT_OCI, .platform = &p},
			     w, &err),
		err, WERR_NOT_FOUND, "not available for linux/riscv64");
	digest_of("a", 1, &d);
	path = fixture_blob_path(from, &d);
	assert_ok(file_write_atomic(path, 0644, "b", 1, &err), err);
	assert_fails(fixture_export(from, "x:1",
			     &(struct export_options){.format = STORE_FORMAT_OCI, .platform = NULL},
			     w, &err),
		err, WERR_CORRUPT, d.text);
}

int main(void)
{
#define TEST(f_) cmocka_unit_test_setup_teardown(f_, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_oci_keeps_all),
		TEST(test_one_platform),
		TEST(test_same_bytes),
		TEST(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
