/* SPDX-License-Identifier: Apache-2.0 */
#include "port-place.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "control/ports.h"

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
	struct ports *ports;
	int fd = -1;

	write_file(p->dir, "bus/virtio/devices/virtio1/device", "0x0003\n");
	write_file(p->dir, "class/virtio-ports/vport1p1/name", "org.qemu.guest_agent.0\n");
	CLEANUP(free) char *dev = str_printf("%s/dev", p->dir);

	assert_int_equal(file_make_dirs(dev, 0700, NULL), 0);
	ports = ports_new(p->control, p->env.loop, p->dir, dev);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	write_file(p->dir, "class/virtio-ports/vport1p2/name", OUTSIDE_PORT "\n");
	/* A pipe that nobody reads can't be opened for writing only. */
	for (int i = 0; i < 100 && fd < 0; i++) {
		loop_wait(p->env.loop, 100);
		fd = open(fifo, O_WRONLY | O_NONBLOCK);
	}
	assert_true(fd >= 0);
	close(fd);
	ports_free(ports);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_OF_PORT(test_it_is_found_by_its_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
