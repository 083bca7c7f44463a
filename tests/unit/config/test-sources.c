/* SPDX-License-Identifier: Apache-2.0 */
/* What files include, and where their names lead. */
#include "config/sources.h"

#include "files.h"

static void test_included_files_come_first(ATTR_UNUSED void **state)
{
	static const struct config_text with[] = {
		{"dir/base.yml",
			"kernel: {image: k1, cmdline: base}\ninit: [a]\ninclude: [../x.yml]", 0},
		{"dir/../x.yml", "init: [x]", 0}, {"dir/two.yml", "init: [b]\n", 0}, {0}};
	struct config_options none = {0};
	CLEANUP(config) struct config *c = NULL;
	struct werr *err = NULL;

	files = with;
	assert_ok(load("dir/os.yml", "include: [base.yml, two.yml]\nkernel: {image: k2}\ninit: [c]",
			  &none, &c, &err),
		err);
	assert_string_equal(c->name, "os");
	assert_string_equal(c->kernel.image, "k2");
	assert_string_equal(c->kernel.cmdline, "base");
	assert_int_equal(c->init.n, 4);
	assert_string_equal(c->init.images[0], "x");
	assert_string_equal(c->init.images[1], "a");
	assert_string_equal(c->init.images[2], "b");
	assert_string_equal(c->init.images[3], "c");
}

static void test_nothing_is_included_twice(ATTR_UNUSED void **state)
{
	static const struct config_text with[] = {{"a.yml", "include: [c.yml]\ninit: [a]", 0},
		{"b.yml", "include: [c.yml]\ninit: [b]", 0}, {"c.yml", "init: [c]", 0}, {0}};
	struct config_options none = {0};
	CLEANUP(config) struct config *c = NULL;
	struct werr *err = NULL;

	files = with;
	assert_ok(load("os.yml", "include: [a.yml, b.yml]", &none, &c, &err), err);
	assert_int_equal(c->init.n, 3);
	assert_string_equal(c->init.images[0], "c");
}

static void test_names_of_included_files_have_variables(ATTR_UNUSED void **state)
{
	static const struct config_text with[] = {{"pi.yml", "init: [a]", 0}, {0}};
	struct strv set = {0};
	struct config_options o = {.set = &set};
	CLEANUP(config) struct config *c = NULL;
	struct werr *err = NULL;

	files = with;
	strv_add(&set, "BOARD=pi");
	assert_ok(load("os.yml", "include: ['${BOARD}.yml']", &o, &c, &err), err);
	assert_int_equal(c->init.n, 1);
	strv_clear(&set);
	assert_mistake("variables: {BOARD: pi}\ninclude: ['${BOARD}.yml']", &o, "os.yml:2:11",
		"the variable 'BOARD' is not set");
}

static void test_mistakes_in_included_files(ATTR_UNUSED void **state)
{
	static const struct config_text with[] = {{"bad.yml", "\ninti: [a]", 0},
		{"syntax.yml", "[", 0}, {"self.yml", "include: [self.yml]", 0},
		{"loop.yml", "init: [a]\ninclude: [two.yml]", 0},
		{"two.yml", "include: [loop.yml]", 0}, {0}};
	static const struct {
		const char *text, *place, *message;
	} cases[] = {
		{"include: [bad.yml]", "bad.yml:2:1", "unknown key 'inti'; did you mean 'init'?"},
		{"include: [syntax.yml]", "syntax.yml:2:1", ""},
		{"include: [none.yml]", "os.yml:1:11", "no file none.yml"},
		{"include: [self.yml]", "self.yml:1:11", "self.yml:1:11 includes self.yml"},
		{"include: [loop.yml]", "two.yml:1:11",
			"files include each other: loop.yml:2:11 includes two.yml, two.yml:1:11 "
			"includes "
			"loop.yml"},
		{"include: ['-']", "os.yml:1:11", "stdin can't be included"},
		{"include: bad.yml", "os.yml:1:10", "include: expected a list, not text"},
		{"include: ['']", "os.yml:1:11", "include[0] must not be empty"},
		{"include: [http://x/a.yml]", "os.yml:1:11", "no file http://x/a.yml"},
	};
	struct config_options none = {0};

	files = with;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_mistake(cases[i].text, &none, cases[i].place, cases[i].message);
}

/* Each file includes one that is not there under another name yet. */
static int read_next(const char *name, char **ret, size_t *ret_size, ATTR_UNUSED void *ctx,
	ATTR_UNUSED struct werr **err)
{
	*ret = str_printf("include: [x%s]", name);
	*ret_size = strlen(*ret);
	return 0;
}

static void test_includes_are_bounded(ATTR_UNUSED void **state)
{
	struct config_options o = {.read = read_next};
	struct config_text t = {"os.yml", "include: [a]", 12};
	struct config *c = NULL;
	struct werr *err = NULL;

	assert_fails(config_load_texts(&t, 1, &o, &c, &err), err, WERR_INVALID,
		"files are included too many levels deep");
}

static void test_files_from_the_network(ATTR_UNUSED void **state)
{
	static const struct config_text with[] = {{"https://h/a/base.yml", "init: [a]", 0}, {0}};
	struct config_options none = {0};
	CLEANUP(config) struct config *c = NULL;
	struct config *failed = NULL;
	struct werr *err = NULL;

	files = with;
	assert_ok(load("https://h/a/os.yml?x=/y", "include: [base.yml, ./b/../base.yml]", &none, &c,
			  &err),
		err);
	assert_string_equal(c->name, "os");
	assert_int_equal(c->init.n, 1);
	assert_fails(load("https://h/os.yml", "include: [/etc/x.yml]", &none, &failed, &err), err,
		WERR_INVALID, "a file from the network can't include '/etc/x.yml'");
	assert_fails(load("https://h/os.yml", "init: ['@pkg:x']", &none, &failed, &err), err,
		WERR_INVALID, "'@pkg:x' can't be resolved here");
}

static void assert_resolved(const char *file, const char *written, const char *expected)
{
	CLEANUP(free) char *path = source_resolve(file, written);

	assert_string_equal(path, expected);
}

static void test_paths_and_urls(ATTR_UNUSED void **state)
{
	assert_resolved("os.yml", "a.yml", "a.yml");
	assert_resolved("d/os.yml", "../a.yml", "d/../a.yml");
	assert_resolved("d/os.yml", "/a.yml", "/a.yml");
	assert_resolved("stdin", "a.yml", "a.yml");
	assert_resolved("d/os.yml", "http://h/a", "http://h/a");
	assert_resolved("http://h", "a", "http://h/a");
	assert_resolved("http://h?x", "a", "http://h/a");
	assert_resolved("http://h/b/c", "../a?q=/../z", "http://h/a?q=/../z");
	assert_resolved("http://h/b/c", "../../../a", "http://h/a");
	assert_resolved("http://h/b/c/d", "./..", "http://h/b/");
	assert_resolved("http://h/b/c/d?x/y", "e/./f", "http://h/b/c/e/f");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_included_files_come_first),
		cmocka_unit_test(test_nothing_is_included_twice),
		cmocka_unit_test(test_names_of_included_files_have_variables),
		cmocka_unit_test(test_mistakes_in_included_files),
		cmocka_unit_test(test_includes_are_bounded),
		cmocka_unit_test(test_files_from_the_network),
		cmocka_unit_test(test_paths_and_urls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
