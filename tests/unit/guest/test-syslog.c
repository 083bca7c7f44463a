/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "log/syslog.h"

enum { WALL = 1714979289 };

static void test_the_form_of_a_message(ATTR_UNUSED void **state)
{
	CLEANUP(buf) struct buf out = BUF_INIT(512);

	syslog_format(&out, "my host", "web", (int64_t)WALL * 1000 + 123, "hello", 5);
	assert_string_equal(
		buf_str(&out), "<30>1 2024-05-06T07:08:09.123Z my_host web - - - hello");
	buf_truncate(&out, 0);
	syslog_format(&out, "", "a-name-that-is-longer-than-the-forty-eight-bytes-of-it", 0, "", 0);
	assert_string_equal(buf_str(&out),
		"<30>1 1970-01-01T00:00:00.000Z - a-name-that-is-longer-than-the-forty-eight-bytes "
		"- - - ");
}

static void test_addresses(ATTR_UNUSED void **state)
{
	static const char *const good[] = {"udp://10.0.0.1:5140", "udp://10.0.0.1",
		"tcp://[::1]:514", "tcp://[::1]", "unix:/dev/log", "unix:///dev/log"};
	static const char *const bad[] = {"", "10.0.0.1", "udp://", "udp://example.org",
		"tcp://1.2.3.4:0", "unix:dev/log", "http://1.2.3.4"};

	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		struct syslog_target *t = NULL;
		struct werr *err = NULL;

		assert_ok(syslog_parse(good[i], &t, &err), err);
		syslog_free(t);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct syslog_target *t = NULL;
		struct werr *err = NULL;

		assert_fails(syslog_parse(bad[i], &t, &err), err, WERR_INVALID, "");
		assert_null(t);
	}
}

/* A server on a free port of this machine. */
static int serve(int type, char **ret_url)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(address);
	struct timeval limit = {.tv_sec = 10};
	int fd = socket(AF_INET, type, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	if (type == SOCK_STREAM)
		assert_int_equal(listen(fd, 1), 0);
	*ret_url = str_printf(
		"%s://127.0.0.1:%d", type == SOCK_STREAM ? "tcp" : "udp", ntohs(address.sin_port));
	return fd;
}

static void test_udp_is_a_message_a_packet(ATTR_UNUSED void **state)
{
	CLEANUP(free) char *url = NULL;
	CLEANUP(fd) int fd = serve(SOCK_DGRAM, &url);
	struct syslog_target *t = NULL;
	struct werr *err = NULL;
	char got[512];
	ssize_t n;

	assert_ok(syslog_parse(url, &t, &err), err);
	syslog_send(t, "web", (int64_t)WALL * 1000, "hello", 5);
	n = recv(fd, got, sizeof(got) - 1, 0);
	assert_true(n > 0);
	got[n] = 0;
	assert_non_null(str_after(got, "<30>1 2024-05-06T07:08:09.000Z "));
	assert_true(str_ends_with(got, " web - - - hello"));
	syslog_free(t);
}

static void test_tcp_counts_the_bytes_of_each_message(ATTR_UNUSED void **state)
{
	CLEANUP(free) char *url = NULL;
	CLEANUP(fd) int fd = serve(SOCK_STREAM, &url), peer = -1;
	struct syslog_target *t = NULL;
	struct werr *err = NULL;
	char got[1024];
	size_t have = 0, length;
	char *end;

	assert_ok(syslog_parse(url, &t, &err), err);
	/* The first line opens the connection, and may be too early to be sent. */
	for (int i = 0; i < 50 && have == 0; i++) {
		syslog_send(t, "web", (int64_t)WALL * 1000, "hello", 5);
		if (peer < 0)
			peer = accept(fd, NULL, NULL);
		usleep(10000);
		ssize_t n = recv(peer, got, sizeof(got) - 1, MSG_DONTWAIT);
		have = n > 0 ? (size_t)n : 0;
	}
	got[have] = 0;
	length = strtoul(got, &end, 10);
	assert_int_equal(*end, ' ');
	assert_true(strlen(end + 1) >= length);
	end[1 + length] = 0;
	assert_true(str_ends_with(end + 1, " web - - - hello"));
	syslog_free(t);
}

static void test_lost_lines_are_reported(ATTR_UNUSED void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	CLEANUP(free) char *dir = NULL, *path = NULL, *url = NULL;
	struct syslog_target *t = NULL;
	struct werr *err = NULL;
	char text[512];
	ssize_t n;
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0), sent = 0, told = 0;

	assert_ok(file_temp_dir("/tmp", "wherry-test", &dir, &err), err);
	path = path_join(dir, "log");
	url = str_printf("unix:%s", path);
	str_copy(address.sun_path, sizeof(address.sun_path), path);
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_ok(syslog_parse(url, &t, &err), err);
	/* More than any queue holds. */
	for (int i = 0; i < 5000; i++)
		syslog_send(t, "a", 0, "line", 4);
	while (recv(fd, text, sizeof(text), 0) > 0)
		sent++;
	assert_true(sent > 0 && sent < 5000);
	syslog_send(t, "a", 0, "late", 4);
	while ((n = recv(fd, text, sizeof(text) - 1, 0)) > 0) {
		CLEANUP(free)
		char *lost = str_printf("%d lines before this one were lost", 5000 - sent);

		text[n] = 0;
		told += strstr(text, lost) != NULL;
		if (strstr(text, "late"))
			told += 10;
	}
	assert_int_equal(told, 11);
	syslog_free(t);
	close(fd);
	file_remove_all(dir, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_form_of_a_message),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_udp_is_a_message_a_packet),
		cmocka_unit_test(test_tcp_counts_the_bytes_of_each_message),
		cmocka_unit_test(test_lost_lines_are_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
