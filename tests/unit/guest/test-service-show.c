/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <string.h>

#include "base/mem.h"
#include "data/json.h"
#include "tools/service.h"

static const char list[] =
	"{\"uptime-ms\":20000,\"containers\":[{\"name\":\"web\",\"kind\":\"service\","
	"\"state\":\"ready\",\"pid\":42,"
	"\"ms\":10000,\"restarts\":2,\"memory\":1048576,\"cpu-us\":500000},{\"name\":\"dhcp\","
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
	CLEANUP(buf) struct buf out = BUF_INIT(8192), again = BUF_INIT(8192);

	service_show_list(&out, d->root, NULL);
	assert_non_null(strstr(buf_str(&out),
		"web                  service    ready           42      10 s        2   1.0 MiB   "
		"5.0%\n"));
	assert_non_null(strstr(buf_str(&out),
		"dhcp                 onboot     done             -     9.9 s        0         -   "
		"   -\n"));
	/* Since the earlier answer: one second of two. */
	service_show_list(&again, next->root, d->root);
	assert_non_null(strstr(buf_str(&again), "50.0%"));
}

static void test_a_boot(ATTR_UNUSED void **state)
{
	CLEANUP(document) struct document *d = parse(boot);
	CLEANUP(buf) struct buf out = BUF_INIT(8192), svg = BUF_INIT(8192);

	service_show_boot(&out, d->root);
	assert_non_null(strstr(buf_str(&out),
		"kernel               kernel          0ms   1000ms ####################\n"));
	assert_non_null(strstr(buf_str(&out),
		"d<p                  onboot       1000ms    500ms                     "
		"##########\n"));
	assert_non_null(strstr(buf_str(&out),
		"web                  service      1500ms    500ms                               "
		"##########\n"));
	service_show_boot_svg(&svg, d->root);
	assert_non_null(strstr(buf_str(&svg), "d&lt;p"));
	assert_null(strstr(buf_str(&svg), "d<p"));
	assert_non_null(strstr(buf_str(&svg), "</svg>\n"));
}

static void test_an_answer_without_anything(ATTR_UNUSED void **state)
{
	CLEANUP(document) struct document *d = parse("{}");
	CLEANUP(buf) struct buf out = BUF_INIT(8192);

	service_show_list(&out, d->root, d->root);
	service_show_boot(&out, d->root);
	service_show_boot_svg(&out, d->root);
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

		service_show_time(text, cases[i].ms);
		assert_string_equal(text, cases[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_list),
		cmocka_unit_test(test_a_boot),
		cmocka_unit_test(test_an_answer_without_anything),
		cmocka_unit_test(test_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
