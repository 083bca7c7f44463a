/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "probe/console.h"

static void add(struct probe_console *c, const char *text)
{
	probe_console_add(c, text, strlen(text));
}

static struct probe_pattern pattern(const char *text)
{
	struct probe_pattern p = {.text = text};

	assert_int_equal(regcomp(&p.regex, text, REG_EXTENDED | REG_NOSUB), 0);
	return p;
}

static bool find(struct probe_console *c, const char *text)
{
	struct probe_pattern p = pattern(text);
	bool found;

	probe_console_begin(c);
	found = probe_console_find(c, &p);
	regfree(&p.regex);
	return found;
}

static void test_lines_in_order(ATTR_UNUSED void **state)
{
	CLEANUP(probe_console) struct probe_console c = PROBE_CONSOLE_INIT;

	add(&c, "one\r\ntwo\nthree\nfo");
	assert_true(find(&c, "^two$"));
	assert_false(find(&c, "one|two"));
	assert_true(find(&c, "^fo$"));
	add(&c, "ur\nfive\n");
	assert_true(find(&c, "^ur$"));
	assert_true(find(&c, "five"));
	assert_false(find(&c, "."));
}

/* A line that was not complete is compared again when more of it comes. */
static void test_a_line_comes_in_parts(ATTR_UNUSED void **state)
{
	CLEANUP(probe_console) struct probe_console c = PROBE_CONSOLE_INIT;
	struct probe_pattern p = pattern("^ready$");

	add(&c, "before\nrea");
	assert_false(probe_console_find(&c, &p));
	add(&c, "dy");
	assert_true(probe_console_find(&c, &p));
	regfree(&p.regex);
}

static void test_escape_sequences_are_left_out(ATTR_UNUSED void **state)
{
	CLEANUP(probe_console) struct probe_console c = PROBE_CONSOLE_INIT;

	add(&c, "\x1b[2J\x1b[0;1;31mred\x1b");
	add(&c, "[");
	add(&c, "0m\x07 t\text\x1b"
		"c!\x7f\n");
	assert_string_equal(buf_str(&c.text), "red t\text!\n");
}

static void test_what_must_not_be_there(ATTR_UNUSED void **state)
{
	CLEANUP(probe_console) struct probe_console c = PROBE_CONSOLE_INIT;
	struct probe_pattern p[] = {pattern("^BUG"), pattern("oops")};
	CLEANUP(free) char *line = NULL;
	size_t which = 9;

	add(&c, "fine\nan oo");
	assert_null(probe_console_never(&c, p, 2, &which));
	/* What a step has matched counts, too. */
	assert_true(find(&c, "oo"));
	add(&c, "ps\n");
	line = probe_console_never(&c, p, 2, &which);
	assert_string_equal(line, "an oops");
	assert_int_equal(which, 1);
	for (size_t i = 0; i < 2; i++)
		regfree(&p[i].regex);
}

static void test_a_panic(ATTR_UNUSED void **state)
{
	CLEANUP(probe_console) struct probe_console c = PROBE_CONSOLE_INIT;

	add(&c, "[    1.0] Kernel panic - not sync");
	assert_false(c.panicked);
	add(&c, "ing: no init\n");
	assert_true(c.panicked);
	assert_false(c.unbootable);
}

static void test_a_firmware_that_gives_up_is_noticed(ATTR_UNUSED void **state)
{
	static const char *const texts[] = {
		"BdsDxe: No bootable option or device was found.\r\n", "No bootable device.\r\n"};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		CLEANUP(probe_console) struct probe_console c = PROBE_CONSOLE_INIT;

		add(&c, "BdsDxe: failed to load Boot0001 \"CD\" from PciRoot(0x0): Not Found\n");
		assert_false(c.unbootable);
		add(&c, texts[i]);
		assert_true(c.unbootable);
		assert_false(c.panicked);
	}
}

static void test_much_of_it(ATTR_UNUSED void **state)
{
	CLEANUP(probe_console) struct probe_console c = PROBE_CONSOLE_INIT;
	CLEANUP(free) char *line = mem_alloc(PROBE_LINE_MAX * 2);
	CLEANUP(free) char *tail = NULL;

	memset(line, 'x', PROBE_LINE_MAX + 10);
	line[PROBE_LINE_MAX + 10] = '\n';
	add(&c, "the first\n");
	for (size_t i = 0; i < 2 * (size_t)PROBE_TEXT_MAX / PROBE_LINE_MAX; i++)
		probe_console_add(&c, line, PROBE_LINE_MAX + 11);
	add(&c, "the last\n");
	assert_true(c.text.len < PROBE_TEXT_MAX);
	assert_false(find(&c, "the first"));
	/* A long line counts as several. */
	assert_true(find(&c, "^x{10}$"));
	assert_true(find(&c, "^the last$"));
	tail = probe_console_tail(&c);
	assert_true(str_ends_with(tail, "the last\n"));
	assert_true(strlen(tail) <= PROBE_TAIL_LINES * (PROBE_LINE_MAX + 1));
}

static void test_the_last_lines(ATTR_UNUSED void **state)
{
	CLEANUP(probe_console) struct probe_console c = PROBE_CONSOLE_INIT;
	CLEANUP(free) char *few = NULL;
	CLEANUP(free) char *tail = NULL;

	add(&c, "a\nb");
	few = probe_console_tail(&c);
	assert_string_equal(few, "a\nb");
	for (int i = 0; i < 100; i++) {
		CLEANUP(free) char *line = str_printf("%d\n", i);

		add(&c, line);
	}
	tail = probe_console_tail(&c);
	assert_ptr_equal(strstr(tail, "80\n"), tail);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines_in_order),
		cmocka_unit_test(test_a_line_comes_in_parts),
		cmocka_unit_test(test_escape_sequences_are_left_out),
		cmocka_unit_test(test_what_must_not_be_there),
		cmocka_unit_test(test_a_panic),
		cmocka_unit_test(test_a_firmware_that_gives_up_is_noticed),
		cmocka_unit_test(test_much_of_it),
		cmocka_unit_test(test_the_last_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
