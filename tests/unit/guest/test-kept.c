/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptors on their way from one supervisor to the next, by way of PID 1. */
#include "check.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "common/channel.h"
#include "common/kept.h"
#include "init/fdstore.h"

static void test_what_is_put_arrives(ATTR_UNUSED void **state)
{
	struct channel_message m;
	int ends[2], passed;

	assert_int_equal(channel_open(ends), 0);
	kept_put(ends[1], "log", "000-dhcp", STDIN_FILENO);
	kept_drop(ends[1], "out", "web");
	kept_put(-1, "log", "nowhere", STDIN_FILENO);
	assert_int_equal(channel_receive(ends[0], &m, &passed), 1);
	assert_int_equal(m.kind, CHANNEL_KEEP);
	assert_string_equal(m.name, "log:000-dhcp");
	assert_true(passed > STDERR_FILENO);
	close(passed);
	assert_int_equal(channel_receive(ends[0], &m, &passed), 1);
	assert_int_equal(m.kind, CHANNEL_DROP);
	assert_string_equal(m.name, "out:web");
	assert_int_equal(passed, -1);
	assert_int_equal(channel_receive(ends[0], &m, &passed), 0);
	close(ends[0]);
	close(ends[1]);
}

static void test_what_is_stored_is_taken(ATTR_UNUSED void **state)
{
	CLEANUP(strv) struct strv args = {0};
	struct fdstore store = {0};
	int fds[2], first = dup(STDIN_FILENO), second = dup(STDIN_FILENO);

	fdstore_keep(&store, "out:web", first);
	fdstore_keep(&store, "log:web", second);
	fdstore_list(&store, &args, fds);
	assert_int_equal(kept_take(args.items, "log", "web"), second);
	assert_int_equal(kept_take(args.items, "out", "web"), first);
	assert_true(fcntl(first, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(kept_take(args.items, "out", "we"), -1);
	assert_int_equal(kept_take(args.items, "ou", "t:web"), -1);
	fdstore_clear(&store);
	/* It is closed by now. */
	assert_int_equal(kept_take(args.items, "log", "web"), -1);
}

static void test_numbers_that_are_not_descriptors(ATTR_UNUSED void **state)
{
	static const char *const texts[] = {"", "x", "-1", "99999999", "4294967297", "1x"};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		assert_int_equal(kept_descriptor(texts[i]), -1);
	assert_int_equal(kept_descriptor(NULL), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_put_arrives),
		cmocka_unit_test(test_what_is_stored_is_taken),
		cmocka_unit_test(test_numbers_that_are_not_descriptors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
