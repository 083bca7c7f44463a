/* SPDX-License-Identifier: Apache-2.0 */
/* What is said about a container that does not run. */
#include "check.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "common/uptime.h"
#include "life/why.h"

static struct env env = {.channel = -1, .loop = -1};

static struct container *make(const char *name, enum life_state state)
{
	struct container *c = container_new(&env, CONTAINER_SERVICE, name);

	c->record.state = state;
	c->record.began = c->run.stop_began = uptime_ms();
	return c;
}

static void check_state(const struct containers *all, const struct container *c, const char *text)
{
	CLEANUP(free) char *why = why_state(all, c);

	assert_int_equal(strncmp(why, text, strlen(text)), 0);
	assert_int_equal(*why == 0, *text == 0);
}

static void test_the_present_state(ATTR_UNUSED void **state)
{
	struct container *both[] = {make("db", LIFE_FAILED), make("web", LIFE_WAITING)};
	struct containers all = {.env = &env, .groups[CONTAINER_SERVICE] = {.items = both, .n = 2}};

	strv_add(&both[1]->spec->policy.after, "db");
	check_state(&all, both[1], "waits for db, which failed");
	both[0]->record.state = LIFE_RUNNING;
	check_state(&all, both[1], "waits for db, which is not ready yet");
	check_state(&all, both[0], "");
	both[0]->health.container = 1;
	check_state(&all, both[0], "not healthy yet");
	str_copy(both[0]->health.said, sizeof(both[0]->health.said), "Connection refused");
	check_state(&all, both[0], "not healthy yet: Connection refused");
	both[0]->health.container = 0;
	both[0]->record.state = LIFE_READY;
	check_state(&all, both[0], "");
	check_state(&all, both[1], "");
	both[0]->record.state = LIFE_STOPPING;
	both[0]->due = uptime_ms() + 9000;
	check_state(&all, both[0], "SIGTERM 0.0 s ago, SIGKILL follows in 9.0 s");
	both[0]->record.state = LIFE_BACKOFF;
	str_copy(both[0]->record.why, sizeof(both[0]->record.why), "exit code 3");
	check_state(&all, both[0], "exit code 3");
	container_free(both[0]);
	container_free(both[1]);
}

static int end(ATTR_UNUSED void **state)
{
	free(env.streams);
	env.streams = NULL;
	env.cap_streams = 0;
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_the_present_state, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
