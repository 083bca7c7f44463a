/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"

static int find(struct store *s, const char *reference, const char *arch, struct image **ret,
	struct werr **err)
{
	struct platform p;

	assert_int_equal(platform_parse(arch, &p, NULL), 0);
	return fixture_find(s, reference, &p, ret, err);
}

static void test_single(void **state)
{
	CLEANUP(store) struct store *s = fixture_store(*state, "s");
	CLEANUP(image) struct image *image = NULL, *none = NULL;
	struct werr *err = NULL;

	fixture_image(s, "x", "amd64", "layer", NULL);
	assert_ok(find(s, "x", "amd64", &image, &err), err);
	assert_string_equal(image->name, "docker.io/library/x:latest");
	assert_int_equal(image->manifest->n, 1);
	assert_string_equal(image->config->platform.arch, "amd64");
	assert_fails(find(s, "x", "arm64", &none, &err), err, WERR_NOT_FOUND,
		"docker.io/library/x:latest is not available for linux/arm64; the store has it for "
		"linux/amd64");
	assert_int_equal(find(s, "y", "amd64", &none, &err), -ENOENT);
	assert_string_equal(err->message, "image docker.io/library/y:latest is not in the store");
	assert_string_equal(err->hint,
		"fetch it with: wherry cache pull docker.io/library/y:latest, or read it from a "
		"file with: wherry cache import FILE");
	werr_free(err);
}

static void test_index(void **state)
{
	CLEANUP(store) struct store *s = fixture_store(*state, "s");
	CLEANUP(image) struct image *v6 = NULL, *v7 = NULL, *none = NULL;
	struct descriptor items[3] = {0};
	struct werr *err = NULL;

	fixture_image(s, NULL, "arm/v6", "six", &items[0]);
	fixture_image(s, NULL, "arm/v7", "seven", &items[1]);
	fixture_image(s, NULL, "amd64", "pc", &items[2]);
	fixture_index(s, "x", items, 3, NULL);
	assert_ok(find(s, "x", "linux/arm/v6", &v6, &err), err);
	assert_ok(find(s, "x", "linux/arm/v7", &v7, &err), err);
	assert_string_equal(v6->config->platform.variant, "v6");
	assert_string_equal(v7->config->platform.variant, "v7");
	assert_fails(find(s, "x", "riscv64", &none, &err), err, WERR_NOT_FOUND,
		"linux/arm/v6, linux/arm/v7, linux/amd64");
}

static void test_nested_index(void **state)
{
	CLEANUP(store) struct store *s = fixture_store(*state, "s");
	struct descriptor d[1] = {0}, deeper[1] = {0};
	CLEANUP(image) struct image *none = NULL;
	struct werr *err = NULL;

	fixture_image(s, NULL, "amd64", "x", d);
	for (unsigned depth = 0; depth < 4; depth++) {
		fixture_index(s, NULL, d, 1, deeper);
		d[0] = deeper[0];
	}
	assert_ok(store_set_name(s, "deep", d, &err), err);
	assert_true(fixture_finds(s, "deep", "amd64"));
	fixture_index(s, NULL, d, 1, deeper);
	d[0] = deeper[0];
	fixture_index(s, "deeper", d, 1, NULL);
	assert_fails(find(s, "deeper", "amd64", &none, &err), err, WERR_LIMIT, "deeper than 4");
}

/* Only some platforms may be there: those are found, the others are said not to be. */
static void test_partial_index(void **state)
{
	CLEANUP(store) struct store *s = fixture_store(*state, "s");
	CLEANUP(image) struct image *none = NULL;
	CLEANUP(free) char *path = NULL;
	struct descriptor items[2] = {0};
	struct werr *err = NULL;

	fixture_image(s, NULL, "arm64", "a", &items[0]);
	fixture_image(s, NULL, "amd64", "b", &items[1]);
	path = fixture_blob_path(s, &items[0].digest);
	fixture_index(s, "x", items, 2, NULL);
	assert_int_equal(unlink(path), 0);
	assert_true(fixture_finds(s, "x", "amd64"));
	assert_fails(find(s, "x", "arm64", &none, &err), err, WERR_NOT_FOUND,
		"not available for linux/arm64; the store has it for linux/amd64");
}

static void test_by_digest(void **state)
{
	CLEANUP(store) struct store *s = fixture_store(*state, "s");
	CLEANUP(free) char *child = NULL;
	CLEANUP(free) char *whole = NULL;
	CLEANUP(free) char *other = NULL;
	CLEANUP(free) char *unknown = NULL;
	struct descriptor items[2] = {0}, index = {0};

	fixture_image(s, NULL, "arm64", "a", &items[0]);
	fixture_image(s, NULL, "amd64", "b", &items[1]);
	child = str_printf("x@%s", items[1].digest.text);
	fixture_index(s, "x:1", items, 2, &index);
	whole = str_printf("x:2@%s", index.digest.text);
	other = str_printf("elsewhere/x@%s", index.digest.text);
	digest_of("?", 1, &index.digest);
	unknown = str_printf("x@%s", index.digest.text);
	assert_true(fixture_finds(s, whole, "amd64"));
	assert_true(fixture_finds(s, other, "arm64"));
	assert_true(fixture_finds(s, child, "amd64"));
	assert_false(fixture_finds(s, child, "arm64"));
	assert_false(fixture_finds(s, unknown, "amd64"));
	assert_false(fixture_finds(s, "x:2", "amd64"));
	descriptor_cleanup(&index);
}

/* What only describes an image is not one. */
static void test_attestation(void **state)
{
	CLEANUP(store) struct store *s = fixture_store(*state, "s");
	CLEANUP(image) struct image *none = NULL;
	struct descriptor items[2] = {0};
	struct werr *err = NULL;

	fixture_image(s, NULL, "amd64", "a", &items[0]);
	fixture_image(s, NULL, "arm64", "sbom", &items[1]);
	descriptor_annotate(&items[1], "vnd.docker.reference.type", "attestation-manifest");
	fixture_index(s, "x", items, 2, NULL);
	assert_fails(find(s, "x", "arm64", &none, &err), err, WERR_NOT_FOUND,
		"the store has it for linux/amd64");
}

static void test_damaged(void **state)
{
	CLEANUP(store) struct store *s = fixture_store(*state, "s");
	CLEANUP(image) struct image *none = NULL;
	CLEANUP(free) char *layer = NULL;
	CLEANUP(free) char *manifest = NULL;
	struct descriptor d = {0};
	struct digest layer_digest;
	struct werr *err = NULL;

	fixture_image(s, "x", "amd64", "layer", &d);
	digest_of("layer", 5, &layer_digest);
	layer = fixture_blob_path(s, &layer_digest);
	manifest = fixture_blob_path(s, &d.digest);
	assert_int_equal(unlink(layer), 0);
	assert_int_equal(find(s, "x", "amd64", &none, &err), -ENOENT);
	assert_non_null(strstr(err->message, layer_digest.text));
	assert_non_null(strstr(err->hint, "import it again"));
	werr_free(STEAL(err));
	assert_ok(file_write_atomic(manifest, 0644, "{}", 2, &err), err);
	assert_fails(find(s, "x", "amd64", &none, &err), err, WERR_CORRUPT,
		"image docker.io/library/x:latest: blob sha256:");
	descriptor_cleanup(&d);
}

int main(void)
{
#define TEST(f_) cmocka_unit_test_setup_teardown(f_, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_single),
		TEST(test_index),
		TEST(test_nested_index),
		TEST(test_partial_index),
		TEST(test_by_digest),
		TEST(test_attestation),
		TEST(test_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
