/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "base/mem.h"
#include "base/str.h"
#include "options/option-parse.h"

struct values {
	bool sure;
	const char *dir, *output;
	uint64_t mem, level;
	struct strv formats, disks;
};

static const char *const *formats(void)
{
	static const char *const names[] = {"tar", "kernel+initrd", NULL};

	return names;
}

static const struct option list[] = {
	{.name = "sure",
		.letter = 's',
		.kind = OPTION_FLAG,
		.offset = offsetof(struct values, sure)},
	{.name = "dir",
		.letter = 'd',
		.kind = OPTION_TEXT,
		.value = "DIR",
		.environment = {"WHERRY_TEST_UNSET", "WHERRY_TEST_OPTION"},
		.offset = offsetof(struct values, dir)},
	{.name = "o",
		.kind = OPTION_TEXT,
		.value = "FILE",
		.offset = offsetof(struct values, output)},
	{.name = "mem",
		.letter = 'm',
		.kind = OPTION_NUMBER,
		.value = "MIB",
		.fallback = "1024",
		.offset = offsetof(struct values, mem)},
	{.name = "verbose",
		.letter = 'v',
		.kind = OPTION_LEVEL,
		.value = "N",
		.fallback = "1",
		.offset = offsetof(struct values, level)},
	{.name = "format",
		.letter = 'f',
		.kind = OPTION_LIST,
		.value = "FORMAT",
		.choices = formats,
		.offset = offsetof(struct values, formats)},
	{.name = "disk",
		.kind = OPTION_REPEAT,
		.value = "DISK",
		.offset = offsetof(struct values, disks)},
	{.name = "docker", .kind = OPTION_ABSENT},
	{0},
};

static const struct option_group groups[] = {{.options = list}, {0}};

/* All of args, which are options only. */
static int parse(const char *const *args, struct values *v, struct werr **err)
{
	struct option_sets sets = {0};
	int r = 0;

	option_sets_add(&sets, groups, v);
	for (size_t i = 0; r == 0 && args[i]; i++)
		r = option_sets_take(&sets, args, &i, err);
	if (r == 0)
		r = option_sets_finish(&sets, err);
	free(sets.items);
	return r;
}
#define PARSE(v_, err_, ...) parse((const char *const[]){__VA_ARGS__, NULL}, v_, err_)

static void clear(struct values *v)
{
	struct option_sets sets = {0};

	option_sets_add(&sets, groups, v);
	option_sets_cleanup(&sets);
	*v = (struct values){0};
}

static void test_both_habits_mean_the_same(ATTR_UNUSED void **state)
{
	static const char *const ways[][3] = {{"--dir", "x=y"}, {"--dir=x=y"}, {"-dir", "x=y"},
		{"-dir=x=y"}, {"-d", "x=y"}, {"-d=x=y"}, {"--d", "x=y"}};
	struct werr *err = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		struct values v = {0};

		assert_ok(parse(ways[i], &v, &err), err);
		assert_string_equal(v.dir, "x=y");
		assert_int_equal(v.mem, 1024);
		clear(&v);
	}
}

static void test_one_letter_name(ATTR_UNUSED void **state)
{
	struct values v = {0};
	struct werr *err = NULL;

	assert_ok(PARSE(&v, &err, "-o", "-"), err);
	assert_string_equal(v.output, "-");
	assert_ok(PARSE(&v, &err, "--o=x"), err);
	assert_string_equal(v.output, "x");
	clear(&v);
}

static void test_flags(ATTR_UNUSED void **state)
{
	struct values v = {0};
	struct werr *err = NULL;

	assert_ok(PARSE(&v, &err, "--sure"), err);
	assert_true(v.sure);
	assert_ok(PARSE(&v, &err, "-sure=false"), err);
	assert_false(v.sure);
	assert_fails(PARSE(&v, &err, "--sure=maybe"), err, WERR_USAGE, "neither true nor false");
	clear(&v);
}

static void test_level_takes_only_numbers(ATTR_UNUSED void **state)
{
	struct values v = {0};
	struct werr *err = NULL;

	assert_ok(PARSE(&v, &err, "-sure"), err);
	assert_int_equal(v.level, 1);
	assert_ok(PARSE(&v, &err, "-v", "-sure"), err);
	assert_int_equal(v.level, 2);
	assert_ok(PARSE(&v, &err, "-v", "3"), err);
	assert_int_equal(v.level, 3);
	assert_ok(PARSE(&v, &err, "--verbose=0"), err);
	assert_int_equal(v.level, 0);
	assert_ok(PARSE(&v, &err, "-v3"), err);
	assert_int_equal(v.level, 3);
	assert_fails(PARSE(&v, &err, "--v3"), err, WERR_USAGE, "unknown option '--v3'");
	assert_fails(PARSE(&v, &err, "-v3x"), err, WERR_USAGE, "unknown option");
	clear(&v);
}

static void test_letters_share_a_dash(ATTR_UNUSED void **state)
{
	struct values v = {0};
	struct werr *err = NULL;

	assert_ok(PARSE(&v, &err, "-sv0"), err);
	assert_true(v.sure);
	assert_int_equal(v.level, 0);
	assert_ok(PARSE(&v, &err, "-vs"), err);
	assert_int_equal(v.level, 2);
	assert_ok(PARSE(&v, &err, "-sd", "there"), err);
	assert_string_equal(v.dir, "there");
	assert_ok(PARSE(&v, &err, "-sm512", "-ftar"), err);
	assert_int_equal(v.mem, 512);
	assert_int_equal(v.formats.n, 1);
	assert_fails(PARSE(&v, &err, "-sx"), err, WERR_USAGE, "unknown option '-x' in '-sx'");
	assert_fails(PARSE(&v, &err, "-sD"), err, WERR_USAGE, "unknown option '-D' in '-sD'");
	/* The rest of a long name is no value. */
	assert_fails(PARSE(&v, &err, "-dri", "x"), err, WERR_USAGE, "unknown option '-dri'");
	assert_fails(PARSE(&v, &err, "-m5x"), err, WERR_USAGE, "unknown option '-m5x'");
	clear(&v);
}

static void test_lists(ATTR_UNUSED void **state)
{
	struct values v = {0};
	struct werr *err = NULL;

	assert_ok(PARSE(&v, &err, "-f", "tar,kernel+initrd", "--format=tar", "--disk", "a,size=1G",
			  "-disk=b"),
		err);
	assert_int_equal(v.formats.n, 3);
	assert_string_equal(v.formats.items[1], "kernel+initrd");
	assert_int_equal(v.disks.n, 2);
	assert_string_equal(v.disks.items[0], "a,size=1G");
	clear(&v);
}

static void test_mistakes(ATTR_UNUSED void **state)
{
	struct values v = {0};
	struct werr *err = NULL;

	assert_fails(PARSE(&v, &err, "--fromat", "tar"), err, WERR_USAGE,
		"unknown option '--fromat'; did you mean '--format'?");
	assert_fails(PARSE(&v, &err, "-fromat=tar"), err, WERR_USAGE, "did you mean '--format'?");
	assert_fails(PARSE(&v, &err, "-x"), err, WERR_USAGE, "unknown option '-x'");
	assert_fails(PARSE(&v, &err, "--dir"), err, WERR_USAGE, "option --dir needs a value: DIR");
	assert_fails(PARSE(&v, &err, "-mem", "1G"), err, WERR_USAGE, "needs a number, not '1G'");
	assert_fails(PARSE(&v, &err, "-f", "tra"), err, WERR_USAGE, "did you mean 'tar'?");
	assert_fails(PARSE(&v, &err, "--docker"), err, WERR_USAGE,
		"option --docker is not supported yet");
	clear(&v);
}

static void test_environment(ATTR_UNUSED void **state)
{
	struct values v = {0};
	struct werr *err = NULL;

	setenv("WHERRY_TEST_OPTION", "theirs", 1);
	/* The first variable is not set; the second one counts only when the option is not given.
	 */
	assert_ok(PARSE(&v, &err, "--sure"), err);
	assert_string_equal(v.dir, "theirs");
	assert_ok(PARSE(&v, &err, "--dir", "mine"), err);
	assert_string_equal(v.dir, "mine");
	unsetenv("WHERRY_TEST_OPTION");
	clear(&v);
}

/* Two groups of one struct, and a third group elsewhere. */
static void test_groups_fill_structs_of_their_own(ATTR_UNUSED void **state)
{
	struct part {
		const char *dir;
		uint64_t n;
	};
	static const struct option dirs[] = {
		{.name = "dir",
			.kind = OPTION_TEXT,
			.value = "DIR",
			.offset = offsetof(struct part, dir)},
		{0},
	};
	static const struct option numbers[] = {
		{.name = "number",
			.kind = OPTION_NUMBER,
			.value = "N",
			.offset = offsetof(struct part, n)},
		{0},
	};
	struct whole {
		bool flag;
		struct part first, second;
	} v = {0};
	const struct option_group own[] = {{dirs, offsetof(struct whole, first)},
		{numbers, offsetof(struct whole, second)}, {0}};
	static const char *const args[] = {
		"--number=3", "--dir", "x", "--mem=7", "--numbr=1", NULL};
	struct values general = {0};
	struct option_sets sets = {0};
	struct werr *err = NULL;
	size_t at = 0;

	option_sets_add(&sets, groups, &general);
	option_sets_add(&sets, own, &v);
	option_sets_add(&sets, NULL, NULL);
	for (; at < 4; at++)
		assert_ok(option_sets_take(&sets, args, &at, &err), err);
	/* Both groups have a --dir: the one that was added last takes it. */
	assert_string_equal(v.first.dir, "x");
	assert_null(general.dir);
	assert_int_equal(v.second.n, 3);
	assert_int_equal(v.first.n, 0);
	assert_int_equal(general.mem, 7);
	assert_fails(option_sets_take(&sets, args, &at, &err), err, WERR_USAGE,
		"did you mean '--number'?");
	option_sets_cleanup(&sets);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_habits_mean_the_same),
		cmocka_unit_test(test_one_letter_name),
		cmocka_unit_test(test_flags),
		cmocka_unit_test(test_level_takes_only_numbers),
		cmocka_unit_test(test_letters_share_a_dash),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_environment),
		cmocka_unit_test(test_groups_fill_structs_of_their_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
