/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <string.h>

#include "base/mem.h"
#include "probe/probe-file.h"

static size_t n_checked;

static void check_words(struct checker *c, const struct node *map, enum probe_map which)
{
	static const char *const bad[] = {"bad-build", "bad-run", "bad-row"};

	n_checked += which != PROBE_MAP_ROW;
	if (node_get(map, bad[which]))
		checker_add(c, map, "a bad option");
}

static int parse(const char *text, struct probe_file **ret, struct werr **err)
{
	n_checked = 0;
	return probe_file_parse("dir/test.yml", text, strlen(text), check_words, ret, err);
}

static void test_a_file(ATTR_UNUSED void **state)
{
	static const char text[] =
		"os: [os.yml, /etc/os.yml]\nset: {A: 1}\nbuild: {size: 2G}\nrun: {mem: 512M}\n"
		"timeout: 1m30s\n"
		"matrix:\n  - {format: [a, b], firmware: [uefi], build: {x: true}, run: {y: [1]}}\n"
		"  - {}\n"
		"expect:\n  - console: '^ready'\n    within: 5s\n  - services: {web: ready}\n"
		"  - http: {port: 80, body: hello}\n"
		"  - tcp: {port: 22, banner: SSH, send: x}\n  - tcp: {port: 80, banner: x}\n"
		"  - send: \"a\\n\"\n  - power-button: true\n  - exit: reboot\nnever: [BUG]\n";
	CLEANUP(probe_file) struct probe_file *f = NULL;
	CLEANUP(free) unsigned *ports = NULL;

	assert_int_equal(parse(text, &f, NULL), 0);
	assert_int_equal(n_checked, 4);
	assert_string_equal(f->os.items[0], "dir/os.yml");
	assert_string_equal(f->os.items[1], "/etc/os.yml");
	assert_int_equal(f->timeout_ms, 90000);
	assert_int_equal(f->n_rows, 2);
	assert_int_equal(f->rows[0].formats.n, 2);
	assert_int_equal(f->rows[1].formats.n, 0);
	assert_int_equal(f->n_steps, 8);
	assert_int_equal(f->steps[0].kind, PROBE_CONSOLE);
	assert_int_equal(f->steps[0].within_ms, 5000);
	assert_true(probe_pattern_matches(&f->steps[0].pattern, "ready"));
	assert_false(probe_pattern_matches(&f->steps[0].pattern, "not ready"));
	assert_int_equal(f->steps[2].status, 200);
	assert_string_equal(f->steps[2].path, "/");
	assert_string_equal(f->steps[5].text, "a\n");
	assert_true(probe_file_expects(f, PROBE_REBOOT));
	assert_false(probe_file_expects(f, PROBE_PANIC));
	assert_int_equal(probe_file_ports(f, &ports), 2);
	assert_int_equal(ports[0], 80);
	assert_int_equal(ports[1], 22);
	assert_int_equal(f->n_nevers, 1);
}

static void test_what_is_not_given(ATTR_UNUSED void **state)
{
	CLEANUP(probe_file) struct probe_file *f = NULL;

	assert_int_equal(parse("os: [a]\nexpect: [{exit: poweroff}]\n", &f, NULL), 0);
	assert_int_equal(f->n_rows, 1);
	assert_int_equal(f->timeout_ms, PROBE_TIMEOUT_S * 1000);
	assert_int_equal(f->steps[0].exit, PROBE_POWEROFF);
}

static void check_mistake(const char *text, unsigned line, const char *message)
{
	CLEANUP(probe_file) struct probe_file *f = NULL;
	CLEANUP(werr) struct werr *err = NULL;

	assert_true(parse(text, &f, &err) < 0);
	assert_non_null(err);
	if (!strstr(err->message, message))
		fail_msg("'%s' is not '%s'", err->message, message);
	assert_int_equal(err->line, line);
	assert_string_equal(err->file, "dir/test.yml");
}

static void test_mistakes(ATTR_UNUSED void **state)
{
	check_mistake("[]", 1, "expected a map with os");
	check_mistake("os: [a]\n", 1, "has no 'expect'");
	check_mistake("os: []\nexpect: [{exit: panic}]\n", 1, "os must not be empty");
	check_mistake("os: [a]\nexpect: []\n", 2, "expect must not be empty");
	check_mistake("os: [a]\nexpect:\n  - {within: 1s}\n", 3, "says nothing");
	check_mistake("os: [a]\nexpect:\n  - {console: a, exit: panic}\n", 3,
		"has both 'console' and 'exit'");
	check_mistake("os: [a]\nexpect:\n  - {exit: panic}\n  - {console: x}\n", 4,
		"can't follow the end");
	check_mistake("os: [a]\nexpect:\n  - {console: '(x'}\n", 3, "not a regular expression");
	check_mistake("os: [a]\nexpect:\n  - {http: {port: 70000}}\n", 3, "70000");
	check_mistake("os: [a]\nexpect:\n  - {http: {port: 1, path: x}}\n", 3, "path of a page");
	check_mistake("os: [a]\nexpect:\n  - {tcp: {port: 1}}\n", 3, "has no 'banner'");
	check_mistake("os: [a]\nexpect:\n  - {power-button: false}\n", 3, "can only be true");
	check_mistake("os: [a]\nexpect: [{exit: panic}]\nrun: {bad-run: 1}\n", 3, "a bad option");
	check_mistake("os: [a]\nexpect: [{exit: panic}]\nmatrix: [{build: {bad-build: 1}}]\n", 3,
		"a bad option");
	check_mistake("os: [a]\nexpect: [{exit: panic}]\nrun: {x: {y: z}}\n", 3, "list of these");
	check_mistake("os: [a]\nos: [b]\nexpect: [{exit: panic}]\n", 2, "os");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_file),
		cmocka_unit_test(test_what_is_not_given),
		cmocka_unit_test(test_mistakes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
