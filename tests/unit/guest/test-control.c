/* SPDX-License-Identifier: Apache-2.0 */
/* Which clients the supervisor answers. */
#include "check.h"

#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "control/control.h"

static void test_the_capability_that_is_required(ATTR_UNUSED void **state)
{
	assert_true(control_parse_admin("Name:\tx\nCapPrm:\t0\nCapEff:\t000001ffffffffff\n"));
	assert_true(control_parse_admin("CapEff:\t0000000000200000\n"));
	/*
	 * Permitted capabilities are not effective ones, and all but the required one are not
	 * enough.
	 */
	assert_false(control_parse_admin("CapPrm:\t000001ffffffffff\nCapEff:\t0\n"));
	assert_false(control_parse_admin("CapEff:\t000001ffffdfffff\n"));
	assert_false(control_parse_admin("CapEff:\tnonsense\n"));
	assert_false(control_parse_admin("Name:\tCapEff:\t000001ffffffffff\n"));
	assert_false(control_parse_admin(""));
}

static void drop_rights(void)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[2] = {0};

	if (syscall(SYS_capset, &head, none) < 0)
		_exit(99);
}

/* A process that connects to path and ends with 0 when it gets an answer with that text. */
static pid_t start_client(const char *path, bool with_rights, const char *expected)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	static const char question[] = "{\"do\":\"list\"}\n";
	char answer[4096] = "";
	pid_t pid = fork();
	int fd;

	if (pid != 0)
		return pid;
	alarm(120);
	if (!with_rights)
		drop_rights();
	str_copy(address.sun_path, sizeof(address.sun_path), path);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		_exit(98);
	send(fd, question, strlen(question), MSG_NOSIGNAL);
	if (recv(fd, answer, sizeof(answer) - 1, 0) <= 0)
		_exit(97);
	_exit(strstr(answer, expected) ? 0 : 1);
}

static int status_of_client(bool with_rights, const char *expected)
{
	struct env env = {.channel = -1};
	struct containers none = {.env = &env};
	struct control *control;
	CLEANUP(free) char *dir = NULL, *path = NULL;
	int status = 0;
	pid_t pid;

	env.loop = loop_new();
	assert_int_equal(file_temp_dir("/tmp", "wherry-control", &dir, NULL), 0);
	path = path_join(dir, "sock");
	assert_int_equal(control_open_at(&control, &none, path, NULL), 0);
	pid = start_client(path, with_rights, expected);
	while (waitpid(pid, &status, WNOHANG) == 0) {
		loop_wait(env.loop, 50);
		control_serve(control);
	}
	control_close(control);
	close(env.loop);
	file_remove_all(dir, NULL);
	return status;
}

static void test_only_one_with_our_power_is_answered(ATTR_UNUSED void **state)
{
	CLEANUP(free) char *text = NULL;
	size_t size;

	assert_int_equal(file_read("/proc/self/status", 65536, &text, &size, NULL), 0);
	if (getuid() != 0 || !control_parse_admin(text))
		skip();
	assert_int_equal(status_of_client(true, "\"containers\""), 0);
	assert_int_equal(status_of_client(false, "only root with CAP_SYS_ADMIN may do this"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_capability_that_is_required),
		cmocka_unit_test(test_only_one_with_our_power_is_answered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
