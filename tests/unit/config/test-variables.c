/* SPDX-License-Identifier: Apache-2.0 */
/* Variables, from texts that exist in the test only. */
#include "files.h"

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
		{"variables: {a-b: x}", "os.yml:1:13", "'a-b' is not a valid variable name"},
		{"variables: {A: [x]}", "os.yml:1:16", "variables.A: expected text or a number"},
		{"variables: {A: \"a\\0b\"}", "os.yml:1:16", "the text has a NUL byte"},
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
		"variables are not replaced with --compat");
	strv_add(&set, "A=x");
	o.set = &set;
	assert_fails(load("os.yml", "init: [a]", &o, &c, &err), err, WERR_USAGE, "--compat");
	strv_clear(&set);
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
