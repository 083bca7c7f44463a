/* SPDX-License-Identifier: Apache-2.0 */
/* What the console shows of a container that restarts again and again. */
#include "check.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "common/console.h"
#include "common/uptime.h"
#include "life/report.h"

enum { RESTARTS = 500 };

static size_t count(const char *text, const char *part)
{
	size_t n = 0;

	for (const char *p = text; (p = strstr(p, part)); p += strlen(part))
		n++;
	return n;
}

static void test_many_restarts_are_few_lines(ATTR_UNUSED void **state)
{
	struct env env = {.channel = -1};
	char name[] = "storm";
	struct container c = {.env = &env, .kind = CONTAINER_SERVICE, .name = name, .id = name};
	int ends[2], saved = dup(STDERR_FILENO);
	char text[32768];
	ssize_t n;

	env.loop = loop_new();
	c.spec = runtime_spec_new();
	c.stream = stream_new(&env, c.name, c.name, RING_SIZE_MIN);
	assert_int_equal(pipe(ends), 0);
	dup2(ends[1], STDERR_FILENO);
	for (c.record.restarts = 0; c.record.restarts < RESTARTS; c.record.restarts++) {
		report_started(&c);
		report_ended(&c, 256, LIFE_END_AGAIN, 0);
	}
	/* The final line is always shown. */
	report_ended(&c, 256, LIFE_END_BAD, 0);
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(ends[1]);
	n = read(ends[0], text, sizeof(text) - 1);
	close(ends[0]);
	text[n > 0 ? n : 0] = 0;
	assert_in_range(count(text, "\n"), 10, 60);
	assert_int_equal(count(text, "storm: started\n"), 1);
	assert_non_null(strstr(text, " more lines like these omitted"));
	assert_int_equal(count(text, "it is not restarted\n"), 1);
	stream_free(c.stream);
	free(env.streams);
	runtime_spec_free(c.spec);
	close(env.loop);
}

/* Its record keeps it, for those who ask later. */
static void test_the_end_of_a_run(ATTR_UNUSED void **state)
{
	struct env env = {.channel = -1, .loop = -1};
	CLEANUP(container)
	struct container *c = container_new(&env, CONTAINER_SERVICE, "none-of-that-name");
	struct werr *err = NULL;

	c->record.state = LIFE_READY;
	c->record.began = c->run.stop_began = uptime_ms();
	report_ended(c, 1 << 8, LIFE_END_BAD, 0);
	assert_non_null(strstr(c->record.why, "exit code 1 after 0.0"));
	report_ended(c, SIGSEGV, LIFE_END_BAD, 0);
	assert_non_null(strstr(c->record.why, "signal 11 (Segmentation fault) after"));
	c->run.ending = ENDING_SICK;
	c->health.failures = 3;
	str_copy(c->health.said, sizeof(c->health.said), "HTTP 503");
	report_ended(c, SIGTERM, LIFE_END_BAD, 0);
	assert_string_equal(c->record.why, "health check failed 3 times: HTTP 503");
	c->run.ending = ENDING_LATE;
	report_ended(c, SIGTERM, LIFE_END_BAD, 0);
	assert_string_equal(c->record.why, "not healthy within 60 s: HTTP 503");
	c->record.state = LIFE_STOPPING;
	c->run.stop_signal = SIGKILL;
	report_ended(c, SIGKILL, LIFE_END_BAD, 0);
	assert_string_equal(
		c->record.why, "stopped by SIGKILL after 0.0 s: it did not end after SIGTERM");
	report_given_up(c);
	assert_string_equal(c->record.why, "does not end even after SIGKILL");
	/* Records are compared, so that nothing of a longer text is left behind this one. */
	assert_int_equal(c->record.why[sizeof(c->record.why) - 1], 0);
	assert_int_equal(c->record.why[strlen(c->record.why) + 5], 0);
	werr_set(&err, WERR_FAILED, "crun ended with exit code 1");
	report_broken(c, err, LIFE_END_BAD, 0);
	assert_string_equal(c->record.why, "crun ended with exit code 1");
	stream_add(c->stream, "2026-01-02T03:04:05.678Z: 2026-01-02T03:04:05.679Z: no file x\n",
		strlen("2026-01-02T03:04:05.678Z: 2026-01-02T03:04:05.679Z: no file x\n"));
	report_broken(c, err, LIFE_END_BAD, 0);
	assert_string_equal(c->record.why, "no file x (crun ended with exit code 1)");
	werr_free(err);
	container_free(STEAL(c));
	free(env.streams);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_many_restarts_are_few_lines),
		cmocka_unit_test(test_the_end_of_a_run),
	};

	console_to_stderr();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
