/* SPDX-License-Identifier: Apache-2.0 */
/* What the console shows of a container that restarts again and again. */
#include "check.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "common/console.h"
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
	struct container c = {.env = &env, .kind = CONTAINER_SERVICE, .name = name};
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_many_restarts_are_few_lines),
	};

	console_to_stderr();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
