/* SPDX-License-Identifier: Apache-2.0 */
/* Lock files: their text, what is refused, and what is looked up in them. */
#include "resolve/lockfile.h"

#include "../store/fixture.h"

#include <stdlib.h>

#include "base/file.h"

#define HEX_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define HEX_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define A     "sha256:" HEX_A
#define B     "sha256:" HEX_B

static int parse(const char *text, struct lockfile **ret, struct werr **err)
{
	return lockfile_parse("os.lock", text, strlen(text), ret, err);
}

static struct lockfile *must_parse(const char *text)
{
	struct lockfile *l = NULL;
	struct werr *err = NULL;

	assert_ok(parse(text, &l, &err), err);
	return l;
}

static void test_text_is_sorted_and_complete(ATTR_UNUSED void **state)
{
	static const char text[] =
		"{\"compressors\": {\"libzstd\": \"1.5.4\", \"of tomorrow\": \"9\"}, \"images\": {"
		"\"redis\": {\"digest\": \"" A "\", \"platforms\": {"
		"\"linux/arm64\": \"" B "\", \"linux/amd64\": \"" A "\"}},"
		"\"host:5000/a:1\": {\"digest\": \"" B "\", \"platforms\": {}}}, \"version\": 1}";
	CLEANUP(lockfile) struct lockfile *l = must_parse(text), *again = NULL;
	CLEANUP(free) char *out = lockfile_text(l), *same = NULL;

	assert_string_equal(out, "{\n"
				 "  \"version\": 1,\n"
				 "  \"images\": {\n"
				 "    \"docker.io/library/redis:latest\": {\n"
				 "      \"digest\": \"" A "\",\n"
				 "      \"platforms\": {\n"
				 "        \"linux/amd64\": \"" A "\",\n"
				 "        \"linux/arm64\": \"" B "\"\n"
				 "      }\n"
				 "    },\n"
				 "    \"host:5000/a:1\": {\n"
				 "      \"digest\": \"" B "\",\n"
				 "      \"platforms\": {}\n"
				 "    }\n"
				 "  },\n"
				 "  \"compressors\": {\n"
				 "    \"libzstd\": \"1.5.4\"\n"
				 "  }\n"
				 "}\n");
	again = must_parse(out);
	same = lockfile_text(again);
	assert_string_equal(same, out);
}

static void test_mistakes_have_a_place(ATTR_UNUSED void **state)
{
	static const struct {
		const char *text, *message;
		unsigned line, column;
	} rows[] = {
		{"{\"images\": {}}", "not a lock file of version 1", 1, 1},
		{"{\"version\": 2,\n\"images\": {}}", "not a lock file of version 1", 1, 13},
		{"{\"version\": 1}", "'images' must be", 1, 1},
		{"{\"version\": 1,\n\"images\": []}", "'images' must be", 2, 11},
		{"{\"version\": 1, \"images\": {\n\"Not One\": {\"digest\": \"" A
		 "\", \"platforms\": {}}}}",
			"'Not One' is not an image name", 2, 1},
		{"{\"version\": 1, \"images\": {\n\"a\": {\"digest\": \"sha256:12\", "
		 "\"platforms\": {}}}}",
			"must be a digest", 2, 17},
		{"{\"version\": 1, \"images\": {\n\"a\": {\"platforms\": {}}}}", "must be a digest",
			2, 6},
		{"{\"version\": 1, \"images\": {\n\"a\": {\"digest\": \"" A "\"}}}",
			"'platforms' must be", 2, 6},
		{"{\"version\": 1, \"images\": {\"a\": {\"digest\": \"" A
		 "\", \"platforms\": {\n\"linux/vax\": \"" A "\"}}}}",
			"'linux/vax' is not a platform", 2, 1},
		{"{\"version\": 1, \"images\": {},\n\"compressors\": []}", "'compressors' must be",
			2, 16},
		{"{\"version\": 1, \"images\": {},\n\"compressors\": {\"libzstd\": {}}}",
			"must be a version", 2, 28},
		{"{\"version\": 1,", "not valid JSON", 1, 15},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct lockfile *none = NULL;
		CLEANUP(werr) struct werr *err = NULL;

		if (parse(rows[i].text, &none, &err) == 0)
			fail_msg("accepted: %s", rows[i].text);
		assert_null(none);
		if (!strstr(err->message, rows[i].message) || err->line != rows[i].line ||
			err->column != rows[i].column)
			fail_msg("%s: %u:%u: %s", rows[i].text, err->line, err->column,
				err->message);
		assert_string_equal(err->file, "os.lock");
		assert_non_null(strstr(err->hint, "wherry lock --update"));
	}
}

static void test_look_up(ATTR_UNUSED void **state)
{
	CLEANUP(lockfile)
	struct lockfile *l = must_parse(
		"{\"version\": 1, \"images\": {\"a\": {\"digest\": \"" A
		"\", \"platforms\": {\"linux/arm/v6\": \"" A "\", \"linux/arm/v7\": \"" B "\"}}}}");
	const struct locked_image *i = lockfile_find(l, "docker.io/library/a:latest");
	const struct platform v7 = {"linux", "arm", "v7"}, v6 = {"linux", "arm", "v6"};
	const struct platform amd64 = {"linux", "amd64", ""};

	assert_non_null(i);
	assert_null(lockfile_find(l, "a"));
	assert_string_equal(locked_manifest(i, &v7)->text, B);
	assert_string_equal(locked_manifest(i, &v6)->text, A);
	assert_null(locked_manifest(i, &amd64));
}

static void test_compressors_stay_as_they_were(ATTR_UNUSED void **state)
{
	CLEANUP(lockfile)
	struct lockfile *before = must_parse(
		"{\"version\": 1, \"images\": {}, \"compressors\": {\"libzstd\": \"0.1\"}}");
	CLEANUP(lockfile) struct lockfile *l = lockfile_new("os.lock");

	lockfile_set_compressors(l, NULL);
	assert_string_equal(l->compressors[CODEC_ZSTD], codec_version(CODEC_ZSTD));
	assert_null(l->compressors[CODEC_NONE]);
	lockfile_set_compressors(l, before);
	assert_string_equal(l->compressors[CODEC_ZSTD], "0.1");
	assert_string_equal(l->compressors[CODEC_XZ], codec_version(CODEC_XZ));
}

static void test_an_image_has_all_platforms_of_its_index(void **state)
{
	CLEANUP(store) struct store *s = fixture_store(*state, "s");
	CLEANUP(lockfile) struct lockfile *l = lockfile_new("os.lock");
	struct descriptor items[3] = {0}, top = {0};
	struct digest first;
	struct werr *err = NULL;

	fixture_image(s, NULL, "amd64", "1", &items[0]);
	fixture_image(s, NULL, "arm64", "2", &items[1]);
	/* A platform twice: a build takes the first. */
	fixture_image(s, NULL, "amd64", "3", &items[2]);
	first = items[0].digest;
	fixture_index(s, "x", items, 3, &top);
	assert_ok(lockfile_add(l, s, "docker.io/library/x:latest", &top, &err), err);
	assert_int_equal(l->n, 1);
	assert_string_equal(l->images[0].digest.text, top.digest.text);
	assert_int_equal(l->images[0].n, 2);
	assert_string_equal(
		locked_manifest(&l->images[0], &(struct platform){"linux", "amd64", ""})->text,
		first.text);
	descriptor_cleanup(&top);
}

static void test_files(void **state)
{
	CLEANUP(free) char *path = fixture_path(*state, "os.lock");
	CLEANUP(lockfile) struct lockfile *l = lockfile_new(path), *back = NULL, *none = NULL;
	CLEANUP(lockfile)
	struct lockfile *from = must_parse("{\"version\": 1, \"images\": {\"a\": {\"digest\": \"" A
					   "\", \"platforms\": {\"linux/amd64\": \"" B "\"}}}}");
	struct werr *err = NULL;

	assert_fails(lockfile_read(path, &none, &err), err, WERR_NOT_FOUND, "os.lock");
	lockfile_add_copy(l, &from->images[0]);
	assert_ok(lockfile_write(l, &err), err);
	assert_ok(lockfile_read(path, &back, &err), err);
	assert_int_equal(back->n, 1);
	assert_string_equal(back->images[0].name, "docker.io/library/a:latest");
	assert_string_equal(back->images[0].platforms[0].manifest.text, B);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text_is_sorted_and_complete),
		cmocka_unit_test(test_mistakes_have_a_place),
		cmocka_unit_test(test_look_up),
		cmocka_unit_test(test_compressors_stay_as_they_were),
		cmocka_unit_test_setup_teardown(test_an_image_has_all_platforms_of_its_index,
			fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_files, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
