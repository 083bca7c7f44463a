/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <signal.h>
#include <string.h>
#include <sys/reboot.h>

#include "common/power.h"

static void test_signals_as_busybox_sends_them(ATTR_UNUSED void **state)
{
	assert_int_equal(power_for_signal(SIGUSR2, false)->command, (int)RB_POWER_OFF);
	assert_int_equal(power_for_signal(SIGUSR1, false)->command, (int)RB_HALT_SYSTEM);
	assert_int_equal(power_for_signal(SIGTERM, false)->command, (int)RB_AUTOBOOT);
	/* Also sent for the kernel's ctrl-alt-del. */
	assert_int_equal(power_for_signal(SIGINT, false)->command, (int)RB_AUTOBOOT);
	assert_null(power_for_signal(SIGHUP, false));
	assert_null(power_for_signal(SIGCHLD, false));
}

static void test_a_container_is_ended_by_sigterm(ATTR_UNUSED void **state)
{
	assert_int_equal(power_for_signal(SIGTERM, true)->command, (int)RB_POWER_OFF);
	assert_int_equal(power_for_signal(SIGINT, true)->command, (int)RB_AUTOBOOT);
}

static void test_verbs(ATTR_UNUSED void **state)
{
	assert_int_equal(power_for_verb("poweroff")->signal, SIGUSR2);
	assert_int_equal(power_for_verb("halt")->signal, SIGUSR1);
	assert_int_equal(power_for_verb("reboot")->signal, SIGINT);
	assert_null(power_for_verb("dance"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_signals_as_busybox_sends_them),
		cmocka_unit_test(test_a_container_is_ended_by_sigterm),
		cmocka_unit_test(test_verbs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
