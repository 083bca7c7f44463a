/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <string.h>

#include "cli/bar.h"
#include "data/terminal.h"

#define HASH "c36a15f583cf832e94c12eefa41e2ec36a15f583"

static const char *line(struct buf *b, const struct bar *bar, size_t width)
{
	buf_truncate(b, 0);
	bar_add(b, bar, width);
	return buf_str(b);
}

static void test_no_line_is_wider_than_the_terminal(ATTR_UNUSED void **state)
{
	static const struct bar bars[] = {
		{.what = "pull",
			.name = "nginx:1.27",
			.done = 1 << 20,
			.total = 45 << 20,
			.rate = 1 << 20},
		{.what = "pull",
			.name = "registry.example.com/a/long/name/of/an/image:and-its-tag",
			.done = 1000,
			.total = 1023900000000,
			.rate = 1},
		{.what = "blob", .name = "4f4fb700ef54", .detail = "nginx:1.27", .total = 5000},
		{.what = "part", .name = "root"},
		{.what = "part", .name = "services/n\u00e4m\u00e9", .done = 700, .total = 500},
		{.what = "package", .name = "wherry/kernel:" HASH, .seconds = 90},
		{.what = "package",
			.name = "wherry/kernel:" HASH,
			.detail = "  CC\tdrivers/net/r8169.o \033[1m"},
	};
	CLEANUP(buf) struct buf b = BUF_INIT(1 << 16);

	for (size_t i = 0; i < ARRAY_SIZE(bars); i++)
		for (size_t width = 1; width < 200; width++) {
			size_t n = terminal_columns(line(&b, &bars[i], width));

			if (n > width)
				fail_msg("%zu columns for %zu: %s", n, width, buf_str(&b));
			assert_null(strpbrk(buf_str(&b), "\n\t\033"));
		}
}

static void test_what_is_left_out_first(ATTR_UNUSED void **state)
{
	const struct bar pull = {.what = "pull",
		.name = "example.com/nginx:1.27",
		.done = 1 << 20,
		.total = 4 << 20,
		.rate = 1 << 20};
	const struct bar package = {
		.what = "package", .name = "wherry/kernel:" HASH, .detail = "CC main.o"};
	CLEANUP(buf) struct buf b = BUF_INIT(1 << 16);

	assert_string_equal(line(&b, &pull, 100),
		"pull example.com/nginx:1.27              [==      ] "
		"1.0 MiB of 4.0 MiB, 1.0 MiB/s, 4 s left");
	assert_string_equal(line(&b, &pull, 70),
		"pull example.com/nginx:1.27    1.0 MiB of 4.0 MiB, 1.0 MiB/s, 4 s left");
	assert_string_equal(line(&b, &pull, 40), "pull ..com/nginx:1.27 1.0 MiB of 4.0 MiB");
	assert_string_equal(line(&b, &pull, 20), "pull ..om/nginx:1.27");
	assert_string_equal(
		line(&b, &package, 60), "package wherry/kernel:c36a15f583cf832e..  CC main.o");
	assert_string_equal(line(&b, &package, 20), "package wherry/ker..");
}

static void test_speed_of_the_last_seconds(ATTR_UNUSED void **state)
{
	struct rate r;

	rate_begin(&r, 1000, 0);
	rate_update(&r, 1100, 100);
	assert_int_equal(rate_now(&r, 1100, 100), 0);
	rate_update(&r, 5000, 4000);
	assert_int_equal(rate_now(&r, 5000, 4000), 1000);
	/* A stop shows after two spans. */
	rate_update(&r, 9000, 4000);
	rate_update(&r, 13000, 4000);
	assert_int_equal(rate_now(&r, 13000, 4000), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_line_is_wider_than_the_terminal),
		cmocka_unit_test(test_what_is_left_out_first),
		cmocka_unit_test(test_speed_of_the_last_seconds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
