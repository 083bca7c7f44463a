/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "common/channel.h"
#include "init/keeper.h"

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

static void test_kept_descriptors(ATTR_UNUSED void **state)
{
	struct store s = {0};
	CLEANUP(strv) struct strv argv = {0};
	int a = dup(0), b = dup(0), c = dup(0), fds[2];

	store_keep(&s, "log:a", a);
	store_keep(&s, "log:b", b);
	store_keep(&s, "log:a", c);
	assert_false(is_open(a));
	assert_int_equal(s.n, 2);
	store_list(&s, &argv, fds);
	assert_int_equal(argv.n, 2);
	assert_true(str_after(argv.items[0], "log:") != NULL);
	store_drop(&s, "log:b");
	store_drop(&s, "log:b");
	assert_false(is_open(b));
	assert_int_equal(s.items[0].fd, c);
	store_clear(&s);
	assert_false(is_open(c));
}

static void test_delays_between_starts(ATTR_UNUSED void **state)
{
	assert_int_equal(keeper_delay(0), 0);
	assert_int_equal(keeper_delay(1), 500);
	assert_int_equal(keeper_delay(2), 1000);
	assert_int_equal(keeper_delay(1000000), 30000);
}

static void test_a_message_with_a_descriptor(ATTR_UNUSED void **state)
{
	struct channel_message m = {.kind = CHANNEL_KEEP, .name = "out:web"}, got;
	int ends[2], passed = -1, pipe_ends[2];
	char c;

	assert_int_equal(channel_open(ends), 0);
	assert_int_equal(channel_receive(ends[0], &got, &passed), 0);
	assert_int_equal(pipe(pipe_ends), 0);
	assert_int_equal(channel_send(ends[1], &m, pipe_ends[1]), 0);
	assert_int_equal(channel_receive(ends[0], &got, &passed), 1);
	assert_string_equal(got.name, "out:web");
	assert_int_equal(write(passed, "x", 1), 1);
	assert_int_equal(read(pipe_ends[0], &c, 1), 1);
	assert_int_equal(fcntl(passed, F_GETFD), FD_CLOEXEC);
	close(passed);
	close(pipe_ends[0]);
	close(pipe_ends[1]);
	close(ends[0]);
	close(ends[1]);
}

static void test_a_full_channel_says_so(ATTR_UNUSED void **state)
{
	struct channel_message m = {.kind = CHANNEL_ENDED}, got;
	int ends[2], passed, n = 0, r;

	assert_int_equal(channel_open(ends), 0);
	while ((r = channel_send(ends[0], &m, -1)) == 0)
		n++;
	assert_int_equal(r, -11);
	while (channel_receive(ends[1], &got, &passed) == 1)
		n--;
	assert_int_equal(n, 0);
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kept_descriptors),
		cmocka_unit_test(test_delays_between_starts),
		cmocka_unit_test(test_a_message_with_a_descriptor),
		cmocka_unit_test(test_a_full_channel_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
