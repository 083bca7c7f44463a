/* SPDX-License-Identifier: Apache-2.0 */
/* A port, with the other end of a pair of sockets as the machine's owner. */
#ifndef WHERRY_TESTS_UNIT_PORT_PLACE_H
#define WHERRY_TESTS_UNIT_PORT_PLACE_H

#include "check.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "client/request.h"
#include "contract/outside.h"
#include "control/port.h"

#define TEST_OF_PORT(test_) cmocka_unit_test_setup_teardown(test_, make_place, remove_place)

struct place {
	struct env env;
	struct containers containers;
	struct control *control;
	struct port *port;
	char *dir;
	int owner;
	char *runtime;
	int reaped; /* the last status */
	unsigned n_reaped;
	char got[64 * 1024];
};

static inline void free_service(struct place *p)
{
	struct container_group *g = &p->containers.groups[CONTAINER_SERVICE];

	if (g->n) {
		free(g->items[0]->id);
		free(g->items[0]->name);
		free(g->items[0]);
	}
	free(g->items);
	free(p->runtime);
}

static inline int make_place(void **state)
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
	p->port = port_new(p->control, p->env.loop, ends[0]);
	*state = p;
	return 0;
}

static inline int remove_place(void **state)
{
	struct place *p = *state;

	port_free(p->port);
	control_close(p->control);
	free_service(p);
	fd_cleanup(&p->owner);
	close(p->env.loop);
	file_remove_all(p->dir, NULL);
	free(p->dir);
	free(p);
	return 0;
}

static inline void turn(struct place *p)
{
	for (int i = 0; i < 16; i++) {
		loop_wait(p->env.loop, 0);
		control_serve(p->control);
	}
}

/* Send that, and return what came back. */
static inline const char *ask(struct place *p, const char *text)
{
	ssize_t n;

	assert_int_equal(send(p->owner, text, strlen(text), 0), strlen(text));
	turn(p);
	n = recv(p->owner, p->got, sizeof(p->got) - 1, MSG_DONTWAIT);
	p->got[n > 0 ? n : 0] = 0;
	return p->got;
}

#endif
