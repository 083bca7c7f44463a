/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/taken-port.h"

/* A socket of this process at a free port; type: SOCK_STREAM, which listens, or SOCK_DGRAM. */
static int take_port(int family, int type, const char *address, uint16_t *ret_port)
{
	struct sockaddr_storage at = {.ss_family = (sa_family_t)family};
	struct sockaddr_in *v4 = (struct sockaddr_in *)&at;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&at;
	socklen_t size = family == AF_INET ? sizeof(*v4) : sizeof(*v6);
	int fd = socket(family, type | SOCK_CLOEXEC, 0);

	inet_pton(family, address,
		family == AF_INET ? (void *)&v4->sin_addr : (void *)&v6->sin6_addr);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, size) < 0)
		skip(); /* a machine without IPv6 */
	if (type == SOCK_STREAM)
		assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &size), 0);
	*ret_port = ntohs(family == AF_INET ? v4->sin_port : v6->sin6_port);
	return fd;
}

/* NULL: nobody has it. */
static void check_holder(const char *address, uint16_t port, bool udp, const char *expected)
{
	CLEANUP(free) char *is = taken_port_holder(address, port, udp);

	assert_string_equal(is ? is : "nobody", expected ? expected : "nobody");
}

static char *own_name(void)
{
	char name[16 + 1] = "";

	prctl(PR_GET_NAME, name);
	return str_printf("%s (process %d)", name, (int)getpid());
}

static void test_of_this_process(ATTR_UNUSED void **state)
{
	static const struct {
		int family, type;
		const char *address, *other;
	} rows[] = {
		{AF_INET, SOCK_STREAM, "127.0.0.1", "127.0.0.2"},
		{AF_INET, SOCK_DGRAM, "127.0.0.1", "::1"},
		{AF_INET6, SOCK_STREAM, "::1", "127.0.0.1"},
	};
	CLEANUP(free) char *own = own_name();

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		bool udp = rows[i].type == SOCK_DGRAM;
		uint16_t port;
		int fd = take_port(rows[i].family, rows[i].type, rows[i].address, &port);

		check_holder(rows[i].address, port, udp, own);
		check_holder(NULL, port, udp, own);
		check_holder("localhost", port, udp, own);
		check_holder(rows[i].other, port, udp, NULL);
		close(fd);
		check_holder(rows[i].address, port, udp, NULL);
	}
}

/* Who listens everywhere has it at each address. */
static void test_of_all_addresses(ATTR_UNUSED void **state)
{
	CLEANUP(free) char *own = own_name();
	uint16_t port;
	int fd = take_port(AF_INET6, SOCK_STREAM, "::", &port);

	check_holder("127.0.0.1", port, false, own);
	check_holder("::1", port, false, own);
	close(fd);
}

static void test_error(ATTR_UNUSED void **state)
{
	CLEANUP(free) char *own = own_name();
	uint16_t port;
	int fd = take_port(AF_INET, SOCK_STREAM, "127.0.0.1", &port);
	CLEANUP(free)
	char *text = str_printf("port %u of 127.0.0.1 is taken by %s", port, own);
	struct werr *err = NULL;

	assert_fails(taken_port_error("127.0.0.1", port, false, &err), err, WERR_EXISTS, text);
	close(fd);
	assert_fails(taken_port_error(NULL, port, true, &err), err, WERR_EXISTS,
		"/udp of this machine is taken");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_of_this_process),
		cmocka_unit_test(test_of_all_addresses),
		cmocka_unit_test(test_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
