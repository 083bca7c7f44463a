/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "common/console.h"
#include "common/printable.h"

static void check(const char *text, size_t size, const char *keep, const char *expected)
{
	CLEANUP(buf) struct buf out = BUF_INIT(4096);

	printable_add(&out, text, size, keep);
	assert_string_equal(buf_str(&out), expected);
}
#define CHECK(text_, keep_, expected_) check(text_, sizeof(text_) - 1, keep_, expected_)

static void test_what_a_terminal_would_obey(ATTR_UNUSED void **state)
{
	CHECK("plain text, caf\xc3\xa9", "", "plain text, caf\xc3\xa9");
	CHECK("a\033[2Jb\rc", "", "a\\x1b[2Jb\\x0dc");
	CHECK("a\tb\nc", "\t", "a\tb\\x0ac");
	CHECK("a\0b", "\t", "a\\x00b");
	/* C1, as UTF-8 and as a byte, an override of the direction, and latin-1. */
	CHECK("\xc2\x9b \x9b \xe2\x80\xae \xe9", "", "\\xc2\\x9b \\x9b \\xe2\\x80\\xae \\xe9");
	CHECK("", "", "");
}

/* What comes out at the console's end, which is a pipe here. */
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

static void test_a_console_that_takes_nothing_holds_nobody_up(ATTR_UNUSED void **state)
{
	alarm(20);
	free(console_shows(say_much));
	alarm(0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_a_terminal_would_obey),
		cmocka_unit_test(test_the_console_gets_no_escape_sequences),
		cmocka_unit_test(test_a_console_that_takes_nothing_holds_nobody_up),
	};

	console_to_stderr();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
