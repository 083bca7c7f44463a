/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "common/console.h"

/* What arrives at the console, which is a pipe here. */
static char *console_shows(void (*say)(void))
{
	int ends[2], saved = dup(STDERR_FILENO);
	char text[4096] = "";
	ssize_t n;

	assert_int_equal(pipe(ends), 0);
	dup2(ends[1], STDERR_FILENO);
	say();
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(ends[1]);
	n = read(ends[0], text, sizeof(text) - 1);
	close(ends[0]);
	text[n > 0 ? n : 0] = 0;
	return str_dup(text);
}

static void say_foreign(void)
{
	console_line("%s", "web: \033]0;title\007\rinit: forged");
}

static void test_the_console_gets_no_escape_sequences(ATTR_UNUSED void **state)
{
	CLEANUP(free) char *text = console_shows(say_foreign);
	assert_non_null(strstr(text, "web: \\x1b]0;title\\x07\\x0dinit: forged\n"));
}

static void say_much(void)
{
	for (int i = 0; i < 2000; i++)
		console_line("a line that nobody reads, of some length: %d", i);
}

static void test_a_stuck_console_blocks_nothing(ATTR_UNUSED void **state)
{
	alarm(20);
	free(console_shows(say_much));
	alarm(0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_console_gets_no_escape_sequences),
		cmocka_unit_test(test_a_stuck_console_blocks_nothing),
	};

	console_to_stderr();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
