/* SPDX-License-Identifier: Apache-2.0 */
/* What docker save and podman save write. */
#include "fixture.h"

#include <errno.h>
#include <stdlib.h>
#include <zlib.h>

#include "base/file.h"

enum { TAR_MAX = 4 << 20 };

static int import(struct store *s, const char *path, const char *name, struct werr **err)
{
	CLEANUP(strv) struct strv imported = {0};

	return store_import(s, path, name, NULL, &imported, err);
}

static void add_config(struct buf *tar, const char *layer)
{
	CLEANUP(free) char *config = fixture_config("amd64", layer);

	fixture_tar_text(tar, "config.json", config);
}

#define IMAGE(tags_, layer_) \
	"[{\"Config\":\"config.json\",\"RepoTags\":" tags_ ",\"Layers\":[\"" layer_ "\"]}]"

/* The list may come first or last, and the layer as a file, a symlink or a hard link to one. */
static void test_links_and_order(void **state)
{
	static const struct {
		char type;
		const char *link;
	} rows[] = {
		{'0', NULL}, {'2', "../real.tar"}, {'1', "real.tar"}, {'2', "./../x/../real.tar"}};
	struct werr *err = NULL;

	for (size_t i = 0; i < 2 * ARRAY_SIZE(rows); i++) {
		CLEANUP(buf) struct buf tar = BUF_INIT(TAR_MAX);
		CLEANUP(store) struct store *s = NULL;
		CLEANUP(free) char *path = NULL;
		bool last = i % 2;
		size_t row = i / 2;

		if (!last)
			fixture_tar_text(
				&tar, "manifest.json", IMAGE("[\"a:1\",\"b:2\"]", "id/layer.tar"));
		if (rows[row].link) {
			fixture_tar(&tar, "./id/layer.tar", rows[row].type, rows[row].link, "", 0);
			fixture_tar_text(&tar, "real.tar", "layer");
		} else {
			fixture_tar_text(&tar, "id/layer.tar", "layer");
		}
		add_config(&tar, "layer");
		if (last)
			fixture_tar_text(
				&tar, "manifest.json", IMAGE("[\"a:1\",\"b:2\"]", "id/layer.tar"));
		path = fixture_tar_file(*state, "save.tar", &tar);
		s = fixture_store(*state, "s");
		assert_ok(import(s, path, NULL, &err), err);
		assert_int_equal(fixture_check_image(s, "a:1", "amd64"), 0);
		assert_int_equal(fixture_check_image(s, "b:2", "amd64"), 0);
		assert_ok(store_clean(s, &err), err);
	}
}

/* Saved twice, in another order: the same image, to the digest. */
static void test_deterministic(void **state)
{
	CLEANUP(store) struct store *s = fixture_store(*state, "s");
	struct digest digests[2];
	struct werr *err = NULL;

	for (unsigned i = 0; i < 2; i++) {
		CLEANUP(buf) struct buf tar = BUF_INIT(TAR_MAX);
		CLEANUP(free) char *path = NULL;
		struct store_entries e = {0};

		if (i == 0)
			add_config(&tar, "layer");
		fixture_tar_text(&tar, "l.tar", "layer");
		fixture_tar_text(&tar, "manifest.json", IMAGE("[\"a\"]", "l.tar"));
		if (i == 1)
			add_config(&tar, "layer");
		path = fixture_tar_file(*state, "save.tar", &tar);
		assert_ok(import(s, path, NULL, &err), err);
		assert_ok(store_list(s, &e, &err), err);
		assert_int_equal(e.n, 1);
		digests[i] = e.items[0].descriptor.digest;
		store_entries_cleanup(&e);
	}
	assert_true(digest_eq(&digests[0], &digests[1]));
}

/* Layers that fill the buffer which they are unpacked into to the last byte, and others beside
 * them. */
static void test_gzipped_sizes(void **state)
{
	static const size_t sizes[] = {0, 1, 65535, 65536, 65537, 131072, 655360, 1048576};
	CLEANUP(free) char *path = fixture_path(*state, "layer.gz");
	CLEANUP(store) struct store *s = fixture_store(*state, "s");
	struct werr *err = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		CLEANUP(buf) struct buf tar = BUF_INIT(TAR_MAX);
		CLEANUP(buf) struct buf text = BUF_INIT(TAR_MAX);
		CLEANUP(free) char *archive = NULL;
		CLEANUP(free) char *layer = NULL;
		gzFile gz = gzopen(path, "wb");
		size_t size;

		buf_fill(&text, 'x', sizes[i]);
		assert_int_equal(gzwrite(gz, buf_str(&text), (unsigned)sizes[i]), sizes[i]);
		assert_int_equal(gzclose(gz), Z_OK);
		assert_ok(file_read(path, TAR_MAX, &layer, &size, &err), err);
		add_config(&tar, buf_str(&text));
		fixture_tar(&tar, "l.tar.gz", '0', NULL, layer, size);
		fixture_tar_text(&tar, "manifest.json", IMAGE("[\"a\"]", "l.tar.gz"));
		archive = fixture_tar_file(*state, "save.tar", &tar);
		assert_ok(import(s, archive, NULL, &err), err);
		assert_int_equal(fixture_check_image(s, "a", "amd64"), 0);
	}
}

/* Some tools gzip the layers, also in several members; what is in them must be what the image says.
 */
static void test_gzipped_layer(void **state)
{
	CLEANUP(free) char *path = fixture_path(*state, "layer.gz");
	CLEANUP(store) struct store *s = fixture_store(*state, "s");
	CLEANUP(free) char *layer = NULL;
	struct werr *err = NULL;
	size_t size;

	for (unsigned part = 0; part < 2; part++) {
		gzFile gz = gzopen(path, part ? "ab" : "wb");

		assert_int_equal(gzputs(gz, part ? "yer" : "la"), part ? 3 : 2);
		assert_int_equal(gzclose(gz), Z_OK);
	}
	assert_ok(file_read(path, TAR_MAX, &layer, &size, &err), err);
	for (unsigned cut = 0; cut < 2; cut++) {
		CLEANUP(buf) struct buf tar = BUF_INIT(TAR_MAX);
		CLEANUP(free) char *archive = NULL;

		add_config(&tar, "layer");
		fixture_tar(&tar, "l.tar.gz", '0', NULL, layer, size - cut);
		fixture_tar_text(&tar, "manifest.json", IMAGE("[\"a\"]", "l.tar.gz"));
		archive = fixture_tar_file(*state, "save.tar", &tar);
		if (cut) {
			assert_fails(import(s, archive, NULL, &err), err, WERR_CORRUPT,
				"layer l.tar.gz is damaged");
			continue;
		}
		assert_ok(import(s, archive, NULL, &err), err);
		assert_int_equal(fixture_check_image(s, "a", "amd64"), 0);
	}
}

static void test_no_tag(void **state)
{
	CLEANUP(store) struct store *s = fixture_store(*state, "s");
	CLEANUP(buf) struct buf tar = BUF_INIT(TAR_MAX);
	CLEANUP(free) char *path = NULL;
	struct werr *err = NULL;

	add_config(&tar, "layer");
	fixture_tar_text(&tar, "l.tar", "layer");
	fixture_tar_text(&tar, "manifest.json", IMAGE("null", "l.tar"));
	path = fixture_tar_file(*state, "save.tar", &tar);
	assert_int_equal(import(s, path, NULL, &err), -EINVAL);
	assert_non_null(strstr(err->hint, "--name"));
	werr_free(STEAL(err));
	assert_ok(import(s, path, "given:1", &err), err);
	assert_int_equal(fixture_check_image(s, "given:1", "amd64"), 0);
}

static void test_refused(void **state)
{
	CLEANUP(store) struct store *s = fixture_store(*state, "s");
	static const struct {
		const char *manifest, *link_to, *layer;
		enum werr_kind kind;
		const char *why;
	} rows[] = {
		{IMAGE("[\"a\"]", "l.tar"), "l.tar", "other", WERR_CORRUPT,
			"layer l.tar is damaged"},
		{IMAGE("[\"a\"]", "none.tar"), "l.tar", "layer", WERR_INVALID, "none.tar"},
		{IMAGE("[\"a\"]", "link.tar"), "link.tar", "layer", WERR_INVALID, "link.tar"},
		{IMAGE("[\"a\"]", "link.tar"), "../../l.tar", "layer", WERR_INVALID, "link.tar"},
		{IMAGE("[\"a\"]", "l.tar\",\"l.tar"), "l.tar", "layer", WERR_INVALID, "2 layers"},
		{IMAGE("[\"A:::\"]", "l.tar"), "l.tar", "layer", WERR_INVALID, "not an image name"},
		{IMAGE("[{}]", "l.tar"), "l.tar", "layer", WERR_INVALID, "is empty"},
	};
	struct werr *err = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(buf) struct buf tar = BUF_INIT(TAR_MAX);
		CLEANUP(free) char *path = NULL;

		add_config(&tar, "layer");
		fixture_tar_text(&tar, "l.tar", rows[i].layer);
		fixture_tar(&tar, "link.tar", '2', rows[i].link_to, "", 0);
		fixture_tar_text(&tar, "manifest.json", rows[i].manifest);
		path = fixture_tar_file(*state, "save.tar", &tar);
		assert_fails(import(s, path, NULL, &err), err, rows[i].kind, rows[i].why);
	}
	assert_int_equal(fixture_entries(s, "blobs/sha256"), 0);
}

int main(void)
{
#define TEST(f_) cmocka_unit_test_setup_teardown(f_, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_links_and_order),
		TEST(test_deterministic),
		TEST(test_gzipped_layer),
		TEST(test_gzipped_sizes),
		TEST(test_no_tag),
		TEST(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
