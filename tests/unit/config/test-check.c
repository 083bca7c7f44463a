/* SPDX-License-Identifier: Apache-2.0 */
/* What is refused, where, and in which words. */
#include "load.h"

struct mistake {
	const char *text;
	unsigned line, column;
	const char *message;
};

static const struct mistake mistakes[] = {
	{"", 1, 1, "the file is empty"},
	{"[a]", 1, 1, "expected a map with kernel, init, services ..., not a list"},
	{"text", 1, 1, "expected a map with kernel, init, services ..., not text"},
	{"kernal: {}\n", 1, 1, "unknown key 'kernal'; did you mean 'kernel'?"},
	{"services:\n  - name: a\n    image: i\n    comand: []\n", 4, 5,
		"unknown key 'comand' in services[0]; did you mean 'command'?"},
	{"services: [{name: a}]", 1, 12, "services[0] has no 'image'"},
	{"services: {a: b}", 1, 11, "services: expected a list, not a map"},
	{"services:\n", 1, 10, "services: expected a list, not nothing"},
	{"onboot: [{name: '', image: i}]", 1, 17, "onboot[0].name must not be empty"},
	{"onboot: [{name: ../x, image: i}]", 1, 17,
		"the name '../x' can't be used for a "
		"directory"},
	{"init: [A/b]", 1, 8, "'A/b' is not an image name"},
	{"volumes: [{name: Data}]", 1, 18, "'Data' is not a valid volume name"},
	{"kernel: {cmdline: x}", 1, 9, "kernel has no 'image'"},
	{"services: [{name: a, image: i}, {name: a, image: j}]", 1, 40,
		"another service is named 'a' (os.yml:1)"},
	{"files: [{path: a}]", 1, 9, "files[0] needs one of 'contents'"},
	{"files: [{path: a, contents: x, symlink: y}]", 1, 9,
		"files[0] has both 'contents' and 'symlink'"},
	{"files: [{path: ../a, contents: x}]", 1, 16, "leaves the root"},
	{"files: [{path: /, contents: x}]", 1, 16, "is the root itself"},
	{"files: [{path: a, contents: x, mode: 0644}]", 1, 38,
		"files[0].mode: expected text, not a number"},
	{"files: [{path: a, contents: x, mode: '9'}]", 1, 38, "'9' is not a mode"},
	{"files: [{path: a, contents: x, uid: nobody}]", 1, 37, "no entry is named 'nobody'"},
	{"files: [{path: a, contents: x, uid: -1}]", 1, 37, "files[0].uid: -1 is not"},
	{"files: [{path: a, metadata: jsn}]", 1, 29, "unknown value 'jsn'; did you mean 'json'?"},
	{"files: [{path: a, source: '', symlink: ''}]", 1, 9, "files[0] needs one of 'contents'"},
	{"files: [{path: \"a\\0b\", contents: x}]", 1, 16, "a NUL byte"},
};

/* The same inside of a service: the text is what follows "services: [{name: a, image: i, ". */
static const struct mistake entry_mistakes[] = {
	{"env: [1]", 1, 38, "services[0].env[0]: expected text, not a number"},
	{"readonly: yes", 1, 42, "services[0].readonly: expected true or false, not text"},
	{"capabilities: [CAP_KIL]", 1, 47, "'CAP_KIL'; did you mean 'CAP_KILL'?"},
	{"capabilities: [kill]", 1, 47, "'kill'; did you mean 'CAP_KILL'?"},
	{"capabilities: [CAP_FLY]", 1, 47, "unknown capability 'CAP_FLY'"},
	{"rlimits: ['nofiles,1,2']", 1, 42, "'nofiles'; did you mean 'nofile'?"},
	{"rlimits: ['nofile,-1,2']", 1, 42, "'-1' is not a limit"},
	{"rlimits: ['nofile,1']", 1, 42, "a limit is name,soft,hard"},
	{"net: hots", 1, 37, "services[0].net: unknown namespace 'hots'; did you mean 'host'?"},
	{"binds: [/a]", 1, 40, "a bind is source:destination"},
	{"binds: ['v:/a']", 1, 40, "no volume is named 'v'"},
	{"tmpfs: ['/a:b:c']", 1, 40, "a tmpfs is destination"},
	{"mounts: [{destination: /x}]", 1, 41, "services[0].mounts[0] has no 'type'"},
	{"mounts: [{type: tmpfs}]", 1, 41, "services[0].mounts[0] has no 'destination'"},
	{"devices: [{path: /dev/x, type: d}]", 1, 63, "services[0].devices[0].type: unknown"},
	{"rootfsPropagation: sharde", 1, 51, "did you mean 'shared'?"},
	{"oomScoreAdj: 1.5", 1, 45, "services[0].oomScoreAdj: 1.5 is not a whole number"},
	{"resources: {cpu: {shares: -1}}", 1, 58, "shares: -1 is not a whole number from 0"},
	{"resources: {memry: {}}", 1, 44,
		"unknown key 'memry' in services[0].resources; did you mean 'memory'?"},
	{"sysctl: {a: 1}", 1, 44, "services[0].sysctl.a: expected text, not a number"},
	{"runtime: {bindNS: {nett: x}}", 1, 51, "unknown key 'nett'"},
	{"uid: [1]", 1, 37, "services[0].uid: expected a number or a name, not a list"},
	{"uid: nobody", 1, 37, "no entry is named 'nobody'"},
};

static void assert_mistake(const struct mistake *m, const char *text)
{
	struct config *c = NULL;
	struct werr *err = NULL;

	if (load_text(text, &c, &err) == 0)
		fail_msg("not refused: %s", text);
	if (err->line != m->line || err->column != m->column || !strstr(err->message, m->message))
		fail_msg("%s: %u:%u: %s", text, err->line, err->column, err->message);
	assert_string_equal(err->file, "os.yml");
	assert_null(err->next);
	assert_null(c);
	werr_free(err);
}

static void test_mistakes(ATTR_UNUSED void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(mistakes); i++)
		assert_mistake(&mistakes[i], mistakes[i].text);
}

static void test_mistakes_in_entries(ATTR_UNUSED void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(entry_mistakes); i++) {
		CLEANUP(free)
		char *text =
			str_printf("services: [{name: a, image: i, %s}]", entry_mistakes[i].text);

		assert_mistake(&entry_mistakes[i], text);
	}
}

static void test_all_mistakes_of_all_files_at_once(ATTR_UNUSED void **state)
{
	static const char *const expected[] = {
		"one.yml:1", "one.yml:2", "two.yml:1", "two.yml:2", "three.yml:1"};
	static const char one[] = "a: 1\nservices: [{name: a, image: i, readonly: 1}]\n";
	static const char two[] = "b: 1\nservices: [{name: b, image: i, uid: nobody}]\n";
	struct config_text texts[] = {{"one.yml", one, sizeof(one) - 1}, {"three.yml", "[1]", 3},
		{"two.yml", two, sizeof(two) - 1}};
	struct config *c = NULL;
	struct werr *err = NULL;
	size_t found = 0, n = 0;

	assert_true(config_load_texts(texts, 3, NULL, &c, &err) < 0);
	for (struct werr *e = err; e; e = e->next, n++) {
		CLEANUP(free) char *place = str_printf("%s:%u", e->file, e->line);

		for (size_t i = 0; i < ARRAY_SIZE(expected); i++)
			found += str_eq(place, expected[i]);
	}
	assert_int_equal(n, 5);
	assert_int_equal(found, 5);
	werr_free(err);
}

static void test_number_of_mistakes_is_bounded(ATTR_UNUSED void **state)
{
	CLEANUP(buf) struct buf text = BUF_INIT(1 << 20);
	struct config *c = NULL;
	struct werr *err = NULL;
	size_t n = 0;

	for (int i = 0; i < 1000; i++)
		buf_printf(&text, "k%d: 1\n", i);
	assert_true(load_text(buf_str(&text), &c, &err) < 0);
	for (struct werr *e = err; e; e = e->next)
		if (n++ == 100)
			assert_string_equal(e->message, "and 900 more mistakes");
	assert_int_equal(n, 101);
	werr_free(err);
}

static void test_one_mistake_is_told_once(ATTR_UNUSED void **state)
{
	static const char refers[] = "services: [{name: a, image: i, uid: b}]";
	struct config_text texts[] = {
		{"broken.yml", "[", 1}, {"os.yml", refers, sizeof(refers) - 1}};
	struct config *c = NULL;
	struct werr *err = NULL;

	/* What could not be read may have named it. */
	assert_true(config_load_texts(texts, 2, NULL, &c, &err) < 0);
	assert_string_equal(err->file, "broken.yml");
	assert_null(err->next);
	werr_free(STEAL(err));
	/* An entry without an image is there all the same. */
	assert_true(load_text("services: [{name: a, image: i, uid: b}, {name: b}]", &c, &err) < 0);
	assert_string_equal(err->message, "services[1] has no 'image'");
	assert_null(err->next);
	werr_free(err);
}

static void test_hints(ATTR_UNUSED void **state)
{
	struct config *c = NULL;
	struct werr *err = NULL;

	assert_true(load_text("services: [{name: a, image: i, env: [1]}]", &c, &err) < 0);
	assert_string_equal(err->hint, "put it in quotes: \"1\"");
	werr_free(err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_mistakes_in_entries),
		cmocka_unit_test(test_all_mistakes_of_all_files_at_once),
		cmocka_unit_test(test_number_of_mistakes_is_bounded),
		cmocka_unit_test(test_one_mistake_is_told_once),
		cmocka_unit_test(test_hints),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
