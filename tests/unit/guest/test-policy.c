/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "data/json.h"
#include "run/policy.h"

static int parse(const char *text, struct policy *p, struct werr **err)
{
	CLEANUP(document) struct document *d = NULL;
	int r = json_parse("runtime.json", text, strlen(text), &d, err);

	policy_init(p);
	return r < 0 ? r : policy_parse(p, d->root, err);
}

static void test_all_keys(ATTR_UNUSED void **state)
{
	struct policy p;
	struct werr *err = NULL;

	assert_ok(parse("{\"restart\":\"on-failure\",\"restart-delay\":500,\"after\":[\"db\","
			"\"net\"],"
			"\"timeout\":7000,\"onfail\":\"reboot\",\"stop-signal\":\"SIGQUIT\","
			"\"stop-timeout\":0,\"console\":true,\"log\":{\"size\":8192},"
			"\"seccomp\":\"none\",\"health\":{\"http\":"
			"\"http://127.0.0.1:8080/ok?x\",\"interval\":100,\"timeout\":50,"
			"\"retries\":2}}",
			  &p, &err),
		err);
	assert_int_equal(p.restart, POLICY_RESTART_ON_FAILURE);
	assert_int_equal(p.restart_delay, 500);
	assert_string_equal(p.after.items[1], "net");
	assert_int_equal(p.timeout, 7000);
	assert_int_equal(p.onfail, POLICY_ONFAIL_REBOOT);
	assert_int_equal(p.stop_signal, SIGQUIT);
	assert_int_equal(p.stop_timeout, 0);
	assert_int_equal(p.console, 1);
	assert_int_equal(p.log_size, 8192);
	assert_int_equal(p.health.kind, POLICY_HEALTH_HTTP);
	assert_string_equal(p.health.host, "127.0.0.1");
	assert_int_equal(p.health.port, 8080);
	assert_string_equal(p.health.path, "/ok?x");
	assert_int_equal(p.health.interval, 100);
	assert_int_equal(p.health.retries, 2);
	policy_cleanup(&p);
}

static void test_the_defaults_are_linuxkits(ATTR_UNUSED void **state)
{
	struct policy p;
	struct werr *err = NULL;

	assert_ok(parse("{}", &p, &err), err);
	assert_int_equal(p.restart, POLICY_RESTART_NO);
	assert_int_equal(p.stop_signal, SIGTERM);
	assert_int_equal(p.health.kind, POLICY_HEALTH_NONE);
	assert_int_equal(p.after.n, 0);
	assert_int_equal(p.console, -1);
	policy_cleanup(&p);
}

static void test_mistakes(ATTR_UNUSED void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{"[]", "must be an object"},
		{"{\"restart\":\"sometimes\"}", "'restart' must be no, on-failure or always"},
		{"{\"timeout\":\"5s\"}", "milliseconds"},
		{"{\"timeout\":-1}", "milliseconds"},
		{"{\"timeout\":99999999999}", "milliseconds"},
		{"{\"after\":{}}", "list of strings"},
		{"{\"after\":[[]]}", "list of strings"},
		{"{\"onfail\":\"cry\"}", "'onfail' must be"},
		{"{\"stop-signal\":\"SIGFOO\"}", "'stop-signal'"},
		{"{\"stop-signal\":\"65\"}", "'stop-signal'"},
		{"{\"log\":{\"size\":\"1M\"}}", "'size' must be a number of bytes"},
		{"{\"console\":\"yes\"}", "'console' must be true or false"},
		{"{\"health\":7}", "must be an object"},
		{"{\"health\":{\"tcp\":\"example.org:80\"}}", "'tcp' must be"},
		{"{\"health\":{\"tcp\":0}}", "'tcp' must be"},
		{"{\"health\":{\"tcp\":\"127.0.0.1:65536\"}}", "'tcp' must be"},
		{"{\"health\":{\"http\":\"ftp://1.2.3.4/\"}}", "'http' must be"},
		{"{\"health\":{\"http\":\"http://1.2.3.4/a b\"}}", "'http' must be"},
		{"{\"health\":{\"http\":\"http:///\"}}", "'http' must be"},
		{"{\"health\":{\"command\":[]}}", "command must not be empty"},
		{"{\"health\":{\"retries\":0}}", "'retries'"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct werr *err = NULL;
		struct policy p;

		assert_fails(parse(cases[i].text, &p, &err), err, WERR_INVALID, cases[i].message);
		policy_cleanup(&p);
	}
}

static void test_an_http_check_without_port_or_path(ATTR_UNUSED void **state)
{
	struct werr *err = NULL;
	struct policy p;

	assert_ok(parse("{\"health\":{\"http\":\"http://[::1]\"}}", &p, &err), err);
	assert_string_equal(p.health.host, "::1");
	assert_int_equal(p.health.port, 80);
	assert_string_equal(p.health.path, "/");
	policy_cleanup(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_keys),
		cmocka_unit_test(test_the_defaults_are_linuxkits),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_an_http_check_without_port_or_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
