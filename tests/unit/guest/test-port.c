/* SPDX-License-Identifier: Apache-2.0 */
/* Requests from outside, with the other end of a pair of sockets as the machine's owner. */
#include "check.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "contract/outside.h"
#include "control/port.h"
#include "client/request.h"

struct place {
	struct env env;
	struct containers containers;
	struct control *control;
	struct port *port;
	char *dir;
	int owner;
	char got[64 * 1024];
};

static int make_place(void **state)
{
	struct place *p = mem_new(struct place);
	CLEANUP(free) char *path = NULL;
	int ends[2];

	p->env.loop = loop_new();
	p->env.channel = -1;
	p->containers.env = &p->env;
	assert_int_equal(file_temp_dir("/tmp", "wherry-port", &p->dir, NULL), 0);
	path = str_printf("%s/sock", p->dir);
	assert_int_equal(control_open_at(&p->control, &p->containers, path, NULL), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
	p->owner = ends[1];
	p->port = port_new_at(p->control, p->env.loop, ends[0]);
	*state = p;
	return 0;
}

static int remove_place(void **state)
{
	struct place *p = *state;

	port_free(p->port);
	control_close(p->control);
	fd_cleanup(&p->owner);
	close(p->env.loop);
	file_remove_all(p->dir, NULL);
	free(p->dir);
	free(p);
	return 0;
}

static void turn(struct place *p)
{
	for (int i = 0; i < 16; i++) {
		loop_wait(p->env.loop, 0);
		control_serve(p->control);
	}
}

/* Send that, and return what came back. */
static const char *ask(struct place *p, const char *text)
{
	ssize_t n;

	assert_int_equal(send(p->owner, text, strlen(text), 0), strlen(text));
	turn(p);
	n = recv(p->owner, p->got, sizeof(p->got) - 1, MSG_DONTWAIT);
	p->got[n > 0 ? n : 0] = 0;
	return p->got;
}

static void test_a_list_in_its_frame(void **state)
{
	struct place *p = *state;
	const char *got;

	assert_string_equal(ask(p, "\n{\"do\":"), "");
	got = ask(p, "\"list\",\"id\":\"one\"}\n");
	assert_ptr_equal(strstr(got, "\n{\"begin\":\"one\"}\n{\"uptime-ms\":"), got);
	assert_true(str_ends_with(got, "\"containers\":[]}\n{\"end\":\"one\"}\n"));
	/* The port stays open. */
	assert_non_null(strstr(ask(p, "{\"do\":\"boot\",\"id\":\"two\"}\n"), "{\"end\":\"two\"}"));
}

static void test_mistakes_are_answered(void **state)
{
	struct place *p = *state;
	CLEANUP(free) char *id = mem_alloc(200);

	assert_non_null(strstr(ask(p, "nonsense\n"), "\n{\"begin\":\"\"}\n{\"error\":\""));
	assert_non_null(strstr(ask(p, "{\"do\":\"stop\",\"name\":\"x\",\"id\":\"i\"}\n"),
		"{\"error\":\"there is no container x\"}\n{\"end\":\"i\"}\n"));
	assert_non_null(strstr(
		ask(p, "{\"do\":\"exec\",\"name\":\"x\",\"argv\":[\"y\"]}\n"), "from outside"));
	memset(id, 'a', OUTSIDE_ID_MAX + 1);
	str_copy(id + OUTSIDE_ID_MAX + 1, 8, "\"}\n");
	ask(p, "{\"do\":\"list\",\"id\":\"");
	assert_non_null(strstr(ask(p, id), "'id' is too long"));
}

static void test_a_line_that_is_too_long_is_skipped(void **state)
{
	struct place *p = *state;
	CLEANUP(free) char *much = mem_alloc(REQUEST_MAX + 2);

	memset(much, ' ', REQUEST_MAX + 1);
	much[REQUEST_MAX + 1] = 0;
	assert_string_equal(ask(p, much), "");
	assert_string_equal(ask(p, "{\"do\":\"list\"}\n"), "");
	assert_non_null(strstr(ask(p, "{\"do\":\"list\"}\n"), "{\"end\":\"\"}\n"));
}

/* What waits is given up: the next request is answered at once. */
static void test_a_request_ends_the_one_before(void **state)
{
	struct place *p = *state;
	const char *got;

	got = ask(p, "{\"do\":\"logs\",\"follow\":true,\"id\":\"a\"}\n");
	assert_string_equal(got, "\n{\"begin\":\"a\"}\n");
	got = ask(p, "{\"do\":\"list\",\"id\":\"b\"}\n");
	assert_ptr_equal(strstr(got, "{\"end\":\"a\"}\n\n{\"begin\":\"b\"}\n"), got);
	assert_non_null(strstr(got, "{\"end\":\"b\"}\n"));
}

static void test_nobody_reads(void **state)
{
	static const char request[] = "{\"do\":\"list\",\"id\":\"a\"}\n";
	struct place *p = *state;
	size_t sent = 0;

	while (send(p->owner, request, strlen(request), MSG_DONTWAIT) > 0) {
		turn(p);
		assert_true(++sent < 1000000);
	}
	while (recv(p->owner, p->got, sizeof(p->got), MSG_DONTWAIT) > 0)
		turn(p);
	assert_non_null(strstr(ask(p, "\n{\"do\":\"list\",\"id\":\"b\"}\n"), "{\"end\":\"b\"}\n"));
}

static void write_file(const char *dir, const char *name, const char *text)
{
	CLEANUP(free) char *path = str_printf("%s/%s", dir, name);
	CLEANUP(free) char *parent = str_dup_n(path, (size_t)(strrchr(path, '/') - path));

	assert_int_equal(file_make_dirs(parent, 0700, NULL), 0);
	assert_int_equal(file_write_atomic(path, 0600, text, strlen(text), NULL), 0);
}

/* The port is there later than the device; the file stands for the device's node. */
static void test_it_is_found_by_its_name(void **state)
{
	struct place *p = *state;
	CLEANUP(free) char *fifo = str_printf("%s/dev/vport1p2", p->dir);
	struct port *port;
	int fd = -1;

	write_file(p->dir, "bus/virtio/devices/virtio1/device", "0x0003\n");
	write_file(p->dir, "class/virtio-ports/vport1p1/name", "org.qemu.guest_agent.0\n");
	CLEANUP(free) char *dev = str_printf("%s/dev", p->dir);

	assert_int_equal(file_make_dirs(dev, 0700, NULL), 0);
	port = port_new(p->control, p->env.loop, p->dir, dev);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	write_file(p->dir, "class/virtio-ports/vport1p2/name", OUTSIDE_PORT "\n");
	/* A pipe that nobody reads can't be opened for writing only. */
	for (int i = 0; i < 100 && fd < 0; i++) {
		loop_wait(p->env.loop, 100);
		fd = open(fifo, O_WRONLY | O_NONBLOCK);
	}
	assert_true(fd >= 0);
	close(fd);
	port_free(port);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_a_list_in_its_frame, make_place, remove_place),
		cmocka_unit_test_setup_teardown(
			test_mistakes_are_answered, make_place, remove_place),
		cmocka_unit_test_setup_teardown(
			test_a_line_that_is_too_long_is_skipped, make_place, remove_place),
		cmocka_unit_test_setup_teardown(
			test_a_request_ends_the_one_before, make_place, remove_place),
		cmocka_unit_test_setup_teardown(test_nobody_reads, make_place, remove_place),
		cmocka_unit_test_setup_teardown(
			test_it_is_found_by_its_name, make_place, remove_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
