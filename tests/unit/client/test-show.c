/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "data/json.h"
#include "client/show.h"

static const char list[] =
	"{\"uptime-ms\":20000,\"containers\":[{\"name\":\"web\",\"kind\":\"service\","
	"\"state\":\"ready\",\"pid\":42,"
	"\"ms\":10000,\"restarts\":2,\"memory\":1048576,\"cpu-us\":500000,"
	"\"processes\":3},{\"name\":\"dhcp\","
	"\"kind\":\"onboot\","
	"\"state\":\"done\",\"ms\":9900,\"restarts\":0}]}";
static const char later[] =
	"{\"uptime-ms\":22000,\"containers\":[{\"name\":\"web\",\"kind\":\"service\","
	"\"state\":\"ready\",\"pid\":42,"
	"\"ms\":12000,\"restarts\":2,\"memory\":1048576,\"cpu-us\":1500000}]}";
static const char boot[] =
	"{\"boot\":[{\"name\":\"kernel\",\"kind\":\"kernel\",\"begin\":0,\"end\":1000},"
	"{\"name\":\"d<p\",\"kind\":\"onboot\","
	"\"begin\":1000,\"ready\":1100,\"end\":1500},{\"name\":\"web\",\"kind\":\"service\","
	"\"begin\":1500,\"ready\":2000}]}";

static struct document *parse(const char *text)
{
	struct document *d = NULL;
	struct werr *err = NULL;

	assert_ok(json_parse("test", text, strlen(text), &d, &err), err);
	return d;
}

static void test_a_list(ATTR_UNUSED void **state)
{
	CLEANUP(document) struct document *d = parse(list), *next = parse(later);
	CLEANUP(buf) struct buf out = BUF_INIT(8192), top = BUF_INIT(8192), again = BUF_INIT(8192);

	client_show_list(&out, d->root, 80);
	assert_string_equal(buf_str(&out), "NAME  KIND     STATE  PID  SINCE   MEMORY  WHY\n"
					   "web   service  ready   42   10 s  1.0 MiB  2 restarts\n"
					   "dhcp  onboot   done     -  9.9 s        -\n");
	client_show_top(&top, d->root, NULL, 80);
	assert_non_null(strstr(buf_str(&top), "  1.0 MiB  5.0%      3\n"));
	/* Since the earlier answer: one second of two. */
	client_show_top(&again, next->root, d->root, 80);
	assert_non_null(strstr(buf_str(&again), "50.0%"));
}

/* A service says what it likes in its name and its last words; a row stays a row. */
static void test_hostile_rows(ATTR_UNUSED void **state)
{
	CLEANUP(document)
	struct document *d =
		parse("{\"containers\":[{\"name\":\"\\u001b[2Jx\\ny\",\"kind\":\"service\","
		      "\"state\":\"failed\",\"ms\":1,\"reason\":\"exit code 1: \\u001b]0;t\\u0007 "
		      "and so much more that it does not fit into what is left of the line\"}]}");
	CLEANUP(buf) struct buf out = BUF_INIT(8192);
	CLEANUP(strv) struct strv lines = {0};
	const char *line;

	client_show_list(&out, d->root, 80);
	assert_null(strchr(buf_str(&out), 27));
	assert_non_null(strstr(buf_str(&out), "\\x1b[2Jx\\x0ay"));
	strv_split(&lines, buf_str(&out), '\n');
	assert_true(lines.n >= 4);
	STRV_FOREACH (line, &lines)
		assert_true(strlen(line) <= 80);
}

/* All that can be known of one, from a service that would like to own the terminal. */
static void test_a_status(ATTR_UNUSED void **state)
{
	CLEANUP(document)
	struct document *d = parse(
		"{\"name\":\"we\\u001bb\",\"kind\":\"service\",\"state\":\"backoff\","
		"\"since\":\"T\","
		"\"ms\":2000,\"restarts\":3,\"reason\":\"out of memory: limit 16 MiB\","
		"\"ended-ms\":2000,"
		"\"end\":\"out of memory: limit 16 MiB\",\"signal\":9,\"next-ms\":1500,"
		"\"oom-kills\":1,"
		"\"memory-limit\":16777216,\"processes-limit\":50,\"cpu-quota\":50000,"
		"\"health\":{\"check\":\"http 127.0.0.1:80/\",\"answer\":\"HTTP 503\",\"ms\":1000,"
		"\"failures\":2},\"after\":[{\"name\":\"db\",\"state\":\"ready\"}],"
		"\"output\":[{\"time\":\"T\",\"msg\":\"\\u001b[2Jx\"}]}");
	CLEANUP(buf) struct buf out = BUF_INIT(65536);

	client_show_status(&out, d->root, 80);
	assert_string_equal(buf_str(&out),
		"we\\x1bb (service)\n"
		"  state      backoff for 2.0 s, since T\n"
		"  why        out of memory: limit 16 MiB\n"
		"  last end   2.0 s ago (signal 9)\n"
		"  restarts   3, the next in 1.5 s\n"
		"  health     HTTP 503, 1.0 s ago, 2 failures in a row (http 127.0.0.1:80/)\n"
		"  after      db (ready)\n"
		"  runs       limit 50\n"
		"  processor  limit 50% of one\n"
		"  memory     limit 16.0 MiB, out of memory 1 time\n"
		"  last output:\n"
		"    \\x1b[2Jx\n");
}

static void test_a_boot(ATTR_UNUSED void **state)
{
	CLEANUP(document) struct document *d = parse(boot);
	CLEANUP(buf) struct buf out = BUF_INIT(8192), svg = BUF_INIT(8192);

	client_show_boot(&out, d->root, 100);
	assert_string_equal(buf_str(&out),
		"NAME    KIND       BEGIN     TOOK\n"
		"kernel  kernel      0 ms  1000 ms  ####################\n"
		"d<p     onboot   1000 ms   500 ms                      ##########\n"
		"web     service  1500 ms   500 ms                                ##########\n");
	client_show_boot_svg(&svg, d->root, 0);
	assert_non_null(strstr(buf_str(&svg), "d&lt;p"));
	assert_null(strstr(buf_str(&svg), "d<p"));
	assert_non_null(strstr(buf_str(&svg), "</svg>\n"));
}

static void test_an_answer_without_anything(ATTR_UNUSED void **state)
{
	CLEANUP(document) struct document *d = parse("{}");
	CLEANUP(buf) struct buf out = BUF_INIT(8192);

	client_show_list(&out, d->root, 80);
	client_show_status(&out, d->root, 80);
	client_show_top(&out, d->root, d->root, 80);
	client_show_boot(&out, d->root, 80);
	client_show_boot_svg(&out, d->root, 80);
	assert_int_equal(buf_error(&out), 0);
}

static void test_times(ATTR_UNUSED void **state)
{
	static const struct {
		uint64_t ms;
		const char *text;
	} cases[] = {{0, "0.0 s"}, {1234, "1.2 s"}, {10000, "10 s"}, {119999, "119 s"},
		{120000, "2 min"}, {7200000, "2 h"}, {172800000, "2 d"}};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char text[16];

		client_show_time(text, cases[i].ms);
		assert_string_equal(text, cases[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_list),
		cmocka_unit_test(test_hostile_rows),
		cmocka_unit_test(test_a_status),
		cmocka_unit_test(test_a_boot),
		cmocka_unit_test(test_an_answer_without_anything),
		cmocka_unit_test(test_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
