/* SPDX-License-Identifier: Apache-2.0 */
/* An image whole, to be copied. */
#include "fixture.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static int find(struct store *s, const char *reference, const char *platform,
	struct image_layout **ret, struct werr **err)
{
	CLEANUP(reference) struct reference ref = {0};
	struct platform p = {0};
	int r = reference_parse(reference, &ref, err);

	if (platform)
		assert_int_equal(platform_parse(platform, &p, NULL), 0);
	return r < 0 ? r : store_find_layout(s, &ref, &p, platform ? 1 : 0, ret, err);
}

/* How many blobs the layout has; each is there and reads well. */
static size_t blobs(struct store *s, const char *reference, const char *platform)
{
	CLEANUP(image_layout) struct image_layout *l = NULL;
	struct werr *err = NULL;

	assert_ok(find(s, reference, platform, &l, &err), err);
	for (size_t i = 0; i < l->n_blobs; i++) {
		CLEANUP(reader) struct reader *r = NULL;

		assert_ok(store_open_blob(s, &l->blobs[i], &r, &err), err);
		assert_ok(reader_drain(r, &err), err);
	}
	return l->n_blobs;
}

static void test_single(void **state)
{
	CLEANUP(store) struct store *s = fixture_store(*state, "s");
	CLEANUP(image_layout) struct image_layout *l = NULL, *none = NULL;
	struct werr *err = NULL;

	fixture_image(s, "x", "amd64", "layer", NULL);
	assert_int_equal(blobs(s, "x", NULL), 3);
	assert_int_equal(blobs(s, "x", "amd64"), 3);
	assert_ok(find(s, "x", NULL, &l, &err), err);
	assert_string_equal(l->name, "docker.io/library/x:latest");
	assert_true(media_type_is_manifest(l->top.media_type));
	assert_fails(find(s, "x", "arm64", &none, &err), err, WERR_NOT_FOUND,
		"image docker.io/library/x:latest: it is not available for linux/arm64");
	assert_fails(find(s, "y", NULL, &none, &err), err, WERR_NOT_FOUND,
		"image docker.io/library/y:latest is not in the store");
}

static void test_index(void **state)
{
	CLEANUP(store) struct store *s = fixture_store(*state, "s");
	struct descriptor items[4] = {0};

	fixture_image(s, NULL, "amd64", "1", &items[0]);
	fixture_image(s, NULL, "arm/v6", "2", &items[1]);
	fixture_image(s, NULL, "arm/v7", "2", &items[2]);
	fixture_image(s, NULL, "riscv64", "4", &items[3]);
	fixture_index(s, "x", items, 4, NULL);
	/* The layer of two of them is the same. */
	assert_int_equal(blobs(s, "x", NULL), 4 * 3 - 1 + 1);
	assert_int_equal(blobs(s, "x", "amd64"), 3 + 1);
	assert_int_equal(blobs(s, "x", "linux/arm/v6"), 3 + 1);
	assert_int_equal(blobs(s, "x", "linux/arm"), 2 * 3 - 1 + 1);
}

static void test_incomplete(void **state)
{
	CLEANUP(store) struct store *s = fixture_store(*state, "s");
	CLEANUP(image_layout) struct image_layout *none = NULL;
	CLEANUP(free) char *path = NULL;
	struct descriptor items[2] = {0};
	struct werr *err = NULL;

	fixture_image(s, NULL, "amd64", "1", &items[0]);
	fixture_image(s, NULL, "arm64", "2", &items[1]);
	path = fixture_blob_path(s, &items[1].digest);
	fixture_index(s, "x", items, 2, NULL);
	unlink(path);
	assert_int_equal(blobs(s, "x", "amd64"), 3 + 1);
	assert_int_equal(find(s, "x", NULL, &none, &err), -ENOENT);
	assert_string_equal(err->hint, "import it whole, or name the platforms that are needed");
	werr_free(err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_single, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_index, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_incomplete, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
