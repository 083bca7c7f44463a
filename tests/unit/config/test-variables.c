/* SPDX-License-Identifier: Apache-2.0 */
/* Variables, and what files include: from texts that exist in the test only. */
#include "load.h"
#include "config/sources.h"

/* Files by name, for `include` and --env-file. */
static const struct config_text *files;

static int read_file(
	const char *name, char **ret, size_t *ret_size, ATTR_UNUSED void *ctx, struct werr **err)
{
	for (const struct config_text *f = files; f && f->name; f++)
		if (str_eq(f->name, name)) {
			*ret = str_dup(f->text);
			*ret_size = strlen(f->text);
			return 0;
		}
	return werr_set(err, WERR_NOT_FOUND, "no file %s", name);
}

static int load(const char *name, const char *text, struct config_options *options,
	struct config **ret, struct werr **err)
{
	struct config_text t = {name, text, strlen(text)};

	options->read = read_file;
	options->fetch = read_file;
	return config_load_texts(&t, 1, options, ret, err);
}

/* The contents that the file "a" gets. */
static void assert_contents(const char *text, struct config_options *options, const char *expected)
{
	CLEANUP(config) struct config *c = NULL;
	struct werr *err = NULL;

	assert_ok(load("os.yml", text, options, &c, &err), err);
	assert_int_equal(c->n_files, 1);
	assert_string_equal(c->files[0].contents, expected);
}

static void assert_mistake(
	const char *text, struct config_options *options, const char *place, const char *message)
{
	struct config *c = NULL;
	CLEANUP(werr) struct werr *err = NULL;
	CLEANUP(free) char *at = NULL;

	if (load("os.yml", text, options, &c, &err) >= 0)
		fail_msg("%s: was taken", text);
	at = str_printf("%s:%u:%u", err->file ? err->file : "-", err->line, err->column);
	if (!strstr(err->message, message) || !str_eq(at, place) || err->next)
		fail_msg("%s: %s: %s", text, at, err->message);
}

/* ---- variables ---- */

#define FILE_A(contents) "\nfiles: [{path: a, contents: " contents "}]\n"

static void test_without_variables_nothing_is_replaced(ATTR_UNUSED void **state)
{
	struct config_options none = {0};

	assert_contents(FILE_A("'${X} $${Y} ${'"), &none, "${X} $${Y} ${");
}

static void test_what_is_replaced(ATTR_UNUSED void **state)
{
	static const struct {
		const char *text, *result;
	} cases[] = {
		{"'${A}'", "1"},
		{"'x${A}y${A}'", "x1y1"},
		{"'$${A} $$ $A $(A) $'", "${A} $$ $A $(A) $"},
		{"'$$$${A}'", "$$${A}"},
		{"'${NONE:-d e}'", "d e"},
		{"'${NONE:-}'", ""},
		{"'${EMPTY:-d}'", "d"},
		{"'${EMPTY}'", ""},
		{"'${A:-d}'", "1"},
		{"'${DOLLAR}{A}'", "${A}"},
		{"'${NESTED}'", "<1>"},
	};
	struct config_options none = {0};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(free)
		char *text = str_printf(
			"variables: {A: 1, EMPTY: '', DOLLAR: $, NESTED: '<${A}>'}" FILE_A("%s"),
			cases[i].text);

		assert_contents(text, &none, cases[i].result);
	}
}

static void test_values_only_and_an_alias_once(ATTR_UNUSED void **state)
{
	struct config_options none = {0};
	CLEANUP(config) struct config *c = NULL;
	struct werr *err = NULL;

	assert_ok(load("os.yml",
			  "variables: {A: x}\n"
			  "services:\n"
			  "  - {name: a, image: &i 'i-${A}', env: &e ['$${A}=${A}'], annotations: "
			  "{'${A}': v}}\n"
			  "  - {name: b, image: *i, env: *e}\n",
			  &none, &c, &err),
		err);
	assert_string_equal(c->containers[1].image, "i-x");
	assert_json(node_get(c->containers[1].node, "env"), "[\"${A}=x\"]");
	assert_json(node_get(c->containers[0].node, "annotations"), "{\"${A}\":\"v\"}");
}

static void test_plain_stays_plain(ATTR_UNUSED void **state)
{
	static const char text[] =
		"variables: {N: 5, T: true}\n"
		"services:\n- name: a\n  image: i\n  oomScoreAdj: ${N}\n  readonly: ${T}\n";
	struct config_options none = {0};
	CLEANUP(config) struct config *c = NULL;
	struct werr *err = NULL;

	assert_ok(load("os.yml", text, &none, &c, &err), err);
	assert_json(node_get(c->containers[0].node, "oomScoreAdj"), "5");
	assert_mistake("variables: {N: 5}\nservices: [{name: a, image: i, oomScoreAdj: '${N}'}]",
		&none, "os.yml:2:45", "expected a number, not text");
}

static void test_binary_is_left_alone(ATTR_UNUSED void **state)
{
	struct config_options none = {0};

	assert_contents("variables: {A: x}" FILE_A("!!binary JHtBfQ=="), &none, "${A}");
}

static void test_who_wins(ATTR_UNUSED void **state)
{
	static const struct config_text with[] = {
		{"one.env", "# a comment\nA=env one\nexport B = \"env one\"\r\n\n", 0},
		{"two.env", "A='env two'", 0},
		{"base.yml", "variables: {A: base, C: base, D: base}", 0}, {0}};
	struct strv env = {0}, set = {0};
	struct config_options o = {.env_files = &env, .set = &set};

	files = with;
	strv_add(&env, "one.env");
	strv_add(&env, "two.env");
	strv_add(&set, "A=set=1");
	assert_contents("include: [base.yml]\nvariables: {B: file, C: file}" FILE_A(
				"'${A},${B},${C},${D}'"),
		&o, "set=1,env one,file,base");
	strv_clear(&set);
	assert_contents(FILE_A("'${A}'"), &o, "env two");
	strv_clear(&env);
}

static void test_mistakes_in_variables(ATTR_UNUSED void **state)
{
	static const struct {
		const char *text, *place, *message;
	} cases[] = {
		{"variables: {NAME: x}" FILE_A("'${NAM}'"), "os.yml:2:29",
			"the variable 'NAM' is not set; did you mean 'NAME'?"},
		{"variables: {}" FILE_A("'${X%y}'"), "os.yml:2:29", "'${X%y}' is not a variable"},
		{"variables: {}" FILE_A("'${}'"), "os.yml:2:29", "'${}' is not a variable"},
		{"variables: {}" FILE_A("'${A'"), "os.yml:2:29", "'${A' is not a variable"},
		{"variables: {}" FILE_A("'${A:-${B}}'"), "os.yml:2:29", "is not a variable"},
		{"variables: {A: '${A}'}", "os.yml:1:16", "'A' has itself in its value"},
		{"variables: {A: '${B}', B: 'x${A}'}", "os.yml:1:16",
			"'A' has itself in its value"},
		{"variables: {A: '${B}'}", "os.yml:1:16", "the variable 'B' is not set"},
		{"variables: {9: x}", "os.yml:1:13", "a key must be text"},
		{"variables: {a-b: x}", "os.yml:1:13", "'a-b' is not a name for a variable"},
		{"variables: {A: [x]}", "os.yml:1:16", "variables.A: expected text or a number"},
		{"variables: {A: \"a\\0b\"}", "os.yml:1:16", "a NUL byte in the text"},
		{"variables: []", "os.yml:1:12", "variables: expected a map"},
		{"variables: {}\ninit: ['${A}']", "os.yml:2:8", "the variable 'A' is not set"},
		{"variables: {}\nservices: [{name: a, image: b, uid: '${A}'}]", "os.yml:2:37",
			"the variable 'A' is not set"},
	};
	struct config_options none = {0};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_mistake(cases[i].text, &none, cases[i].place, cases[i].message);
}

static void test_bad_settings(ATTR_UNUSED void **state)
{
	static const char *const bad[] = {"A", "=x", "9=x", "a-b=x", ""};
	static const struct config_text with[] = {{"bad.env", "A=1\n  what\n", 0}, {0}};
	struct strv list = {0};
	struct config_options sets = {.set = &list}, envs = {.env_files = &list};
	struct config *c = NULL;
	struct werr *err = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		strv_add(&list, bad[i]);
		assert_fails(load("os.yml", "init: [a]", &sets, &c, &err), err, WERR_USAGE,
			"does not set a variable");
		strv_clear(&list);
	}
	files = with;
	strv_add(&list, "bad.env");
	assert_mistake("init: [a]", &envs, "bad.env:2:1", "this line does not set a variable");
	strv_clear(&list);
}

/* Each variable doubles the one before it: a few lines that stand for gigabytes. */
static void test_replacements_are_bounded(ATTR_UNUSED void **state)
{
	CLEANUP(buf) struct buf text = BUF_INIT(1 << 20);
	struct config_options none = {0};
	struct config *c = NULL;
	struct werr *err = NULL;

	buf_puts(&text, "variables:\n  V0: 0123456789abcdef\n");
	for (unsigned i = 1; i < 31; i++)
		buf_printf(&text, "  V%u: ${V%u}${V%u}\n", i, i - 1, i - 1);
	assert_fails(load("os.yml", buf_str(&text), &none, &c, &err), err, WERR_INVALID,
		"variables make more than 16 MiB of text");
	buf_truncate(&text, 0);
	buf_puts(&text, "variables:\n  V0: x\n");
	for (unsigned i = 1; i < 50; i++)
		buf_printf(&text, "  V%02u: ${V%02u}\n", 50 - i, i == 49 ? 0 : 49 - i);
	buf_puts(&text, "  V00: x\n  A: ${V49}\n");
	assert_fails(load("os.yml", buf_str(&text), &none, &c, &err), err, WERR_INVALID,
		"is too many variables deep");
}

static void test_compat_replaces_nothing(ATTR_UNUSED void **state)
{
	struct strv set = {0};
	struct config_options o = {.compat = true};
	struct config *c = NULL;
	struct werr *err = NULL;

	assert_contents(FILE_A("'${A}'"), &o, "${A}");
	assert_mistake("variables: {A: x}" FILE_A("'${A}'"), &o, "os.yml:1:12",
		"no variables are replaced with --compat");
	strv_add(&set, "A=x");
	o.set = &set;
	assert_fails(load("os.yml", "init: [a]", &o, &c, &err), err, WERR_USAGE, "--compat");
	strv_clear(&set);
}

/* ---- include ---- */

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

/* ---- arches ---- */

static void test_entries_for_other_architectures_are_left_out(ATTR_UNUSED void **state)
{
	static const char text[] =
		"onboot:\n"
		"  - {name: x, image: i, arches: [arm64]}\n"
		"  - {name: y, image: i}\n"
		"services:\n"
		"  - {name: a, image: i-arm, arches: [aarch64, armv7]}\n"
		"  - {name: a, image: i, arches: [x86_64], wherry: {after: [b]}}\n"
		"  - {name: b, image: i, arches: [riscv64]}\n"
		"files: [{path: f, contents: '', arches: [arm64]}]\n";
	struct platform platform = {.os = "linux", .arch = "amd64"};
	struct config_options o = {.platform = &platform};
	CLEANUP(config) struct config *c = NULL;
	CLEANUP(config) struct config *arm = NULL;
	struct werr *err = NULL;

	assert_ok(load("os.yml", text, &o, &c, &err), err);
	assert_int_equal(c->n_containers, 2);
	assert_string_equal(c->containers[0].dir, "containers/onboot/000-y");
	assert_int_equal(c->containers[0].id, 100);
	assert_string_equal(c->containers[1].image, "i");
	assert_int_equal(c->n_files, 0);
	assert_int_equal(platform_parse("linux/arm/v7", &platform, NULL), 0);
	assert_ok(load("os.yml", text, &o, &arm, &err), err);
	assert_string_equal(arm->containers[1].image, "i-arm");
	assert_mistake("services: [{name: a, image: i, arches: [amd46]}]", &o, "os.yml:1:41",
		"unknown architecture 'amd46' in the platform 'amd46'; did you mean 'amd64'?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_without_variables_nothing_is_replaced),
		cmocka_unit_test(test_what_is_replaced),
		cmocka_unit_test(test_values_only_and_an_alias_once),
		cmocka_unit_test(test_plain_stays_plain),
		cmocka_unit_test(test_binary_is_left_alone),
		cmocka_unit_test(test_who_wins),
		cmocka_unit_test(test_mistakes_in_variables),
		cmocka_unit_test(test_bad_settings),
		cmocka_unit_test(test_replacements_are_bounded),
		cmocka_unit_test(test_compat_replaces_nothing),
		cmocka_unit_test(test_included_files_come_first),
		cmocka_unit_test(test_nothing_is_included_twice),
		cmocka_unit_test(test_names_of_included_files_have_variables),
		cmocka_unit_test(test_mistakes_in_included_files),
		cmocka_unit_test(test_includes_are_bounded),
		cmocka_unit_test(test_files_from_the_network),
		cmocka_unit_test(test_paths_and_urls),
		cmocka_unit_test(test_entries_for_other_architectures_are_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
