/* SPDX-License-Identifier: Apache-2.0 */
/* The programs trim-after-delete and watchdog: what they are asked for, and what Docker answers. */
#include "check.h"

#include <string.h>

#include "base/mem.h"
#include "tools/trim.h"
#include "tools/watchdog.h"

/* ---- trim ---- */

static void test_arguments_of_trim(ATTR_UNUSED void **state)
{
	static const struct {
		const char *line, *message;
		uint64_t delay, every;
	} cases[] = {
		{"trim -- /sbin/fstrim /var/lib/docker", NULL, 10000, 0},
		{"trim --delay 500ms /sbin/fstrim /var", NULL, 500, 0},
		{"trim -every 168h -- /sbin/fstrim -v /var", NULL, 10000, 604800000},
		{"trim", "a command is needed", 0, 0},
		{"trim fstrim", "a command is needed", 0, 0},
		{"trim -delay 10 -- /sbin/fstrim", "-delay: '10' is not a time", 0, 0},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(strv) struct strv argv = {0}, words = {0};
		struct werr *err = NULL;
		struct trim t = {0};
		int r;

		strv_split(&argv, cases[i].line, ' ');
		r = trim_parse((int)argv.n, argv.items, &words, &t, &err);
		if (cases[i].message) {
			assert_fails(r, err, WERR_USAGE, cases[i].message);
			continue;
		}
		assert_ok(r, err);
		assert_string_equal(words.items[0], "/sbin/fstrim");
		assert_int_equal(t.delay_ms, cases[i].delay);
		assert_int_equal(t.every_ms, cases[i].every);
	}
}

/* The same whatever the pieces are. */
static void take(const char *answer, size_t piece, int r_expected)
{
	CLEANUP(free) struct trim_answer *a = mem_new(struct trim_answer);
	CLEANUP(werr) struct werr *err = NULL;
	size_t size = strlen(answer);
	int r = 0;

	for (size_t at = 0; at < size && r == 0; at += piece)
		r = trim_take(a, answer + at, size - at < piece ? size - at : piece, &err);
	assert_int_equal(r < 0 ? -1 : r, r_expected);
}

static void test_answers_of_docker(ATTR_UNUSED void **state)
{
	static const struct {
		const char *answer;
		int r; /* 1: there is an event */
	} cases[] = {
		{"HTTP/1.0 200 OK\r\nServer: Docker/20\r\n", 0},
		{"HTTP/1.0 200 OK\r\nServer: Docker/20\r\n\r\n", 0},
		{"HTTP/1.1 200 OK\r\nServer: Docker/20\r\n\r\n{\"Type\":\"image\"}\n", 1},
		{"HTTP/1.0 404 Not Found\r\n\r\n", -1},
		{"SSH-2.0\r\n\r\n", -1},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		for (size_t piece = 1; piece < 64; piece++)
			take(cases[i].answer, piece, cases[i].r);
}

static void test_an_endless_head_is_refused(ATTR_UNUSED void **state)
{
	CLEANUP(free) char *answer = mem_alloc(2 * TRIM_HEAD_MAX);

	memset(answer, 'x', 2 * TRIM_HEAD_MAX - 1);
	take(answer, 1000, -1);
}

/* ---- watchdog ---- */

static void test_arguments_of_watchdog(ATTR_UNUSED void **state)
{
	static const struct {
		const char *line, *message;
		uint64_t timeout, interval;
		size_t words;
	} cases[] = {
		{"watchdog", NULL, 60000, 15000, 0},
		{"watchdog -timeout 10s -interval 500ms -- /bin/true x", NULL, 10000, 500, 2},
		{"watchdog -timeout 1s", "-timeout is not between", 0, 0, 0},
		{"watchdog -timeout 2h", "-timeout is not between", 0, 0, 0},
		{"watchdog -interval 31s", "-interval is more than half", 0, 0, 0},
		{"watchdog true", "the check 'true' is not a path", 0, 0, 0},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(strv) struct strv argv = {0}, words = {0};
		struct werr *err = NULL;
		struct watchdog w = {0};
		int r;

		strv_split(&argv, cases[i].line, ' ');
		r = watchdog_parse((int)argv.n, argv.items, &words, &w, &err);
		if (cases[i].message) {
			assert_fails(r, err, WERR_USAGE, cases[i].message);
			continue;
		}
		assert_ok(r, err);
		assert_string_equal(w.device, "/dev/watchdog");
		assert_int_equal(w.timeout_ms, cases[i].timeout);
		assert_int_equal(w.interval_ms, cases[i].interval);
		assert_int_equal(words.n, cases[i].words);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arguments_of_trim),
		cmocka_unit_test(test_answers_of_docker),
		cmocka_unit_test(test_an_endless_head_is_refused),
		cmocka_unit_test(test_arguments_of_watchdog),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
