/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include <errno.h>
#include <stdlib.h>

#include "base/file.h"

static void test_list(void **state)
{
	CLEANUP(store) struct store *s = fixture_store(*state, "s");
	struct store_entries e = {0};
	struct werr *err = NULL;

	fixture_image(s, "redis:7", "amd64", "a", NULL);
	fixture_image(s, "host:5000/a", "amd64", "b", NULL);
	assert_ok(store_list(s, &e, &err), err);
	assert_int_equal(e.n, 2);
	assert_string_equal(e.items[0].name, "docker.io/library/redis:7");
	assert_string_equal(e.items[1].name, "host:5000/a:latest");
	store_entries_cleanup(&e);
}

/* A name stands for one image: the newest. */
static void test_replace(void **state)
{
	CLEANUP(store) struct store *s = fixture_store(*state, "s");
	struct store_entries e = {0};
	struct werr *err = NULL;

	fixture_image(s, "a", "amd64", "old", NULL);
	fixture_image(s, "a", "amd64", "new", NULL);
	assert_ok(store_list(s, &e, &err), err);
	assert_int_equal(e.n, 1);
	store_entries_cleanup(&e);
}

static void test_nothing_to_name(void **state)
{
	CLEANUP(store) struct store *s = fixture_store(*state, "s");
	struct descriptor d = {.media_type = (char[]){MEDIA_OCI_MANIFEST}, .size = 3};
	struct werr *err = NULL;

	digest_of("foo", 3, &d.digest);
	assert_fails(store_set_name(s, "a", &d, &err), err, WERR_NOT_FOUND, "not in the store");
	assert_ok(store_put(s, "foo", 3, &d, &err), err);
	assert_ok(store_set_name(s, "a", &d, &err), err);
	assert_fails(store_set_name(s, "A", &d, &err), err, WERR_INVALID, "lower case");
	d.media_type = (char[]){MEDIA_OCI_LAYER};
	assert_fails(store_set_name(s, "a", &d, &err), err, WERR_INVALID, "not the type");
}

static void test_replace_what_was_seen(void **state)
{
	CLEANUP(store) struct store *s = fixture_store(*state, "s");
	struct descriptor one = {.media_type = (char[]){MEDIA_OCI_MANIFEST}}, two = one, now = {0};
	struct reference ref = {0};
	struct werr *err = NULL;
	bool done = false;

	assert_ok(store_put(s, "1", 1, &one, &err), err);
	assert_ok(store_put(s, "2", 1, &two, &err), err);
	assert_ok(store_replace_name(s, "a", &one.digest, &one, &done, &err), err);
	assert_false(done);
	assert_ok(store_replace_name(s, "a", NULL, &one, &done, &err), err);
	assert_true(done);
	assert_ok(store_replace_name(s, "a", NULL, &two, &done, &err), err);
	assert_false(done);
	assert_ok(store_replace_name(s, "a", &two.digest, &two, &done, &err), err);
	assert_false(done);
	assert_ok(store_replace_name(s, "a", &one.digest, &two, &done, &err), err);
	assert_true(done);
	assert_ok(reference_parse("a", &ref, &err), err);
	assert_ok(store_resolve(s, &ref, &now, &err), err);
	assert_string_equal(now.digest.text, two.digest.text);
	reference_cleanup(&ref);
	descriptor_cleanup(&now);
}

/* Removal takes the blobs that nothing else needs, and only those. */
static void test_remove(void **state)
{
	CLEANUP(store) struct store *s = fixture_store(*state, "s");
	struct descriptor both[2] = {0};
	struct werr *err = NULL;

	fixture_image(s, NULL, "amd64", "shared", &both[0]);
	fixture_image(s, NULL, "arm64", "shared", &both[1]);
	fixture_index(s, "multi", both, 2, NULL);
	fixture_image(s, "single", "amd64", "shared", NULL);
	/* Two manifests and configurations, the layer that all have, and the index. */
	assert_int_equal(fixture_entries(s, "blobs/sha256"), 6);
	assert_ok(fixture_remove(s, "multi", &err), err);
	assert_int_equal(fixture_entries(s, "blobs/sha256"), 3);
	assert_int_equal(fixture_check_image(s, "single", "amd64"), 0);
	assert_fails(fixture_remove(s, "multi", &err), err, WERR_NOT_FOUND,
		"docker.io/library/multi:latest is not in the store");
	assert_ok(fixture_remove(s, "single", &err), err);
	assert_int_equal(fixture_entries(s, "blobs/sha256"), 0);
}

static void test_remove_by_digest(void **state)
{
	CLEANUP(store) struct store *s = fixture_store(*state, "s");
	CLEANUP(free) char *other = NULL;
	CLEANUP(free) char *same = NULL;
	struct descriptor d = {0};
	struct werr *err = NULL;

	fixture_image(s, "a:1", "amd64", "x", &d);
	other = str_printf("b@%s", d.digest.text);
	same = str_printf("a@%s", d.digest.text);
	assert_fails(fixture_remove(s, other, &err), err, WERR_NOT_FOUND, "is not in the store");
	assert_ok(fixture_remove(s, same, &err), err);
	assert_false(fixture_finds(s, "a:1", "amd64"));
	descriptor_cleanup(&d);
}

/* An image whose "layer" is another image's manifest does not hide what that one is made of. */
static void test_manifest_as_layer(void **state)
{
	CLEANUP(store) struct store *s = fixture_store(*state, "s");
	CLEANUP(free) char *victim = NULL;
	struct descriptor d = {0};
	struct werr *err = NULL;

	fixture_image(s, "z/victim", "amd64", "precious", &d);
	assert_ok(store_read_blob(s, &d, 4096, &victim, &err), err);
	/* Its name is first in the index, and its layer has the digest of the victim's manifest. */
	fixture_image(s, "a/attacker", "amd64", victim, NULL);
	fixture_image(s, "b/other", "amd64", "other", NULL);
	assert_ok(fixture_remove(s, "b/other", &err), err);
	assert_int_equal(fixture_check_image(s, "z/victim", "amd64"), 0);
	descriptor_cleanup(&d);
}

static void test_clean(void **state)
{
	CLEANUP(store) struct store *s = fixture_store(*state, "s");
	CLEANUP(free) char *index = fixture_path(store_dir(s), "index.json");
	struct store_entries e = {0};
	struct werr *err = NULL;

	fixture_image(s, "a", "amd64", "x", NULL);
	/* Also when the list of images is broken. */
	assert_ok(file_write_atomic(index, 0644, "{", 1, &err), err);
	assert_int_equal(store_list(s, &e, &err), -EINVAL);
	assert_non_null(strstr(err->hint, "wherry cache clean"));
	werr_free(STEAL(err));
	assert_ok(store_clean(s, &err), err);
	assert_int_equal(fixture_entries(s, "blobs/sha256"), 0);
	assert_ok(store_list(s, &e, &err), err);
	assert_int_equal(e.n, 0);
}

/* Entries that other tools wrote: containerd's annotation, a short name, and one without a name. */
static void test_foreign_entries(void **state)
{
	CLEANUP(store) struct store *s = fixture_store(*state, "s");
	CLEANUP(free) char *index = fixture_path(store_dir(s), "index.json");
	CLEANUP(free) char *text = NULL;
	struct descriptor d = {0};
	struct store_entries e = {0};
	struct werr *err = NULL;

	fixture_image(s, NULL, "amd64", "x", &d);
	text = str_printf("{\"schemaVersion\":2,\"manifests\":["
			  "{\"mediaType\":\"" MEDIA_OCI_MANIFEST
			  "\",\"digest\":\"%s\",\"size\":%u},"
			  "{\"mediaType\":\"" MEDIA_OCI_MANIFEST
			  "\",\"digest\":\"%s\",\"size\":%u,\"annotations\":{\"" ANNOTATION_REF_NAME
			  "\":\"1\",\"" ANNOTATION_CONTAINERD "\":\"docker.io/library/c:1\"}},"
			  "{\"mediaType\":\"" MEDIA_OCI_MANIFEST
			  "\",\"digest\":\"%s\",\"size\":%u,\"annotations\":{\"" ANNOTATION_REF_NAME
			  "\":\"short:2\"}}]}",
		d.digest.text, (unsigned)d.size, d.digest.text, (unsigned)d.size, d.digest.text,
		(unsigned)d.size);
	assert_ok(file_write_atomic(index, 0644, text, strlen(text), &err), err);
	assert_ok(store_list(s, &e, &err), err);
	assert_int_equal(e.n, 2);
	assert_string_equal(e.items[0].name, "docker.io/library/c:1");
	assert_string_equal(e.items[1].name, "docker.io/library/short:2");
	store_entries_cleanup(&e);
	assert_ok(fixture_remove(s, "c:1", &err), err);
	assert_ok(fixture_remove(s, "short:2", &err), err);
	/* What has no name we know is kept all the same. */
	assert_int_equal(fixture_entries(s, "blobs/sha256"), 3);
	descriptor_cleanup(&d);
}

int main(void)
{
#define TEST(f_) cmocka_unit_test_setup_teardown(f_, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_list),
		TEST(test_replace),
		TEST(test_nothing_to_name),
		TEST(test_replace_what_was_seen),
		TEST(test_remove),
		TEST(test_remove_by_digest),
		TEST(test_manifest_as_layer),
		TEST(test_clean),
		TEST(test_foreign_entries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
