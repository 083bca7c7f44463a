/* SPDX-License-Identifier: Apache-2.0 */
/* The phases of an OS whose containers cannot be created, so that no process is ever started. */
#include "check.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "common/console.h"
#include "keep/phase.h"

struct os {
	struct env env;
	struct containers containers;
	struct phases phases;
};

static int make_os(void **state)
{
	struct os *os = mem_new(struct os);

	os->env = (struct env){.loop = loop_new(), .channel = -1};
	os->containers.env = &os->env;
	*state = os;
	return 0;
}

static int remove_os(void **state)
{
	struct os *os = *state;

	phases_cleanup(&os->phases);
	containers_cleanup(&os->containers);
	free(os->env.streams);
	close(os->env.loop);
	free(os);
	return 0;
}

/* A container in this state; when it begins, it fails. after: the service it waits for, or NULL. */
static struct container *add(struct os *os, enum container_kind kind, const char *id,
	enum life_state in, const char *after)
{
	struct container_group *g = &os->containers.groups[kind];
	struct container *c = container_new(&os->env, kind, id);

	c->record.state = in;
	werr_set(&c->spec_err, WERR_INVALID, "made to fail");
	if (after)
		strv_add(&c->spec->policy.after, after);
	mem_grow(&g->items, g->n, &g->cap, sizeof(struct container *));
	g->items[g->n++] = c;
	return c;
}

static void begin(struct os *os)
{
	phases_begin(&os->phases, &os->containers, "/nonexistent");
}

static void test_an_empty_os(void **state)
{
	struct os *os = *state;

	begin(os);
	phases_proceed(&os->phases);
	assert_int_equal(os->phases.now, PHASE_READY);
	phases_stop(&os->phases);
	assert_int_equal(os->phases.now, PHASE_STOP);
	assert_true(os->env.stopping);
	phases_proceed(&os->phases);
	assert_int_equal(os->phases.now, PHASE_DONE);
}

static void test_steps_run_one_after_another(void **state)
{
	struct os *os = *state;
	struct container *first = add(os, CONTAINER_ONBOOT, "000-a", LIFE_RUNNING, NULL);
	struct container *second = add(os, CONTAINER_ONBOOT, "001-b", LIFE_WAITING, NULL);
	struct container *service = add(os, CONTAINER_SERVICE, "c", LIFE_WAITING, NULL);

	begin(os);
	phases_proceed(&os->phases);
	assert_int_equal(os->phases.now, PHASE_ONBOOT);
	assert_int_equal(second->record.state, LIFE_WAITING);
	first->record.state = LIFE_DONE;
	phases_proceed(&os->phases);
	/* A step that fails does not keep the services from starting. */
	assert_int_equal(second->record.state, LIFE_FAILED);
	assert_int_equal(service->record.state, LIFE_FAILED);
	assert_int_equal(os->phases.now, PHASE_READY);
}

static void test_a_service_waits_for_others(void **state)
{
	struct os *os = *state;
	struct container *db = add(os, CONTAINER_SERVICE, "db", LIFE_RUNNING, NULL);
	struct container *web = add(os, CONTAINER_SERVICE, "web", LIFE_WAITING, "db");

	begin(os);
	phases_proceed(&os->phases);
	assert_int_equal(web->record.state, LIFE_WAITING);
	assert_int_equal(os->phases.now, PHASE_SERVICES);
	db->record.state = LIFE_READY;
	phases_proceed(&os->phases);
	assert_int_equal(web->record.state, LIFE_FAILED);
	assert_int_equal(os->phases.now, PHASE_READY);
}

static void test_ready_without_those_that_wait_in_vain(void **state)
{
	struct os *os = *state;
	struct container *db = add(os, CONTAINER_SERVICE, "db", LIFE_FAILED, NULL);
	struct container *web = add(os, CONTAINER_SERVICE, "web", LIFE_WAITING, "db");
	struct container *cache = add(os, CONTAINER_SERVICE, "cache", LIFE_WAITING, "web");

	begin(os);
	phases_proceed(&os->phases);
	assert_int_equal(os->phases.now, PHASE_READY);
	assert_int_equal(web->record.state, LIFE_WAITING);
	/* Started by hand after all: now the others follow. */
	db->record.state = LIFE_READY;
	phases_proceed(&os->phases);
	assert_int_equal(web->record.state, LIFE_FAILED);
	assert_int_equal(cache->record.state, LIFE_WAITING);
}

static void test_services_are_stopped_in_reverse_order(void **state)
{
	struct os *os = *state;
	struct container *db = add(os, CONTAINER_SERVICE, "db", LIFE_READY, NULL);
	struct container *web = add(os, CONTAINER_SERVICE, "web", LIFE_READY, "db");
	struct container *last = add(os, CONTAINER_ONSHUTDOWN, "000-last", LIFE_WAITING, NULL);

	begin(os);
	phases_stop(&os->phases);
	phases_proceed(&os->phases);
	assert_int_equal(web->record.state, LIFE_STOPPING);
	assert_int_equal(db->record.state, LIFE_READY);
	web->record.state = LIFE_STOPPED;
	phases_proceed(&os->phases);
	assert_int_equal(db->record.state, LIFE_STOPPING);
	assert_int_equal(last->record.state, LIFE_WAITING);
	assert_int_equal(os->phases.now, PHASE_STOP);
	db->record.state = LIFE_STOPPED;
	phases_proceed(&os->phases);
	assert_int_equal(last->record.state, LIFE_FAILED);
	assert_int_equal(os->phases.now, PHASE_DONE);
}

static void test_what_takes_too_long_to_stop_is_killed(void **state)
{
	struct os *os = *state;
	struct container *db = add(os, CONTAINER_SERVICE, "db", LIFE_READY, NULL);
	struct container *web = add(os, CONTAINER_SERVICE, "web", LIFE_READY, "db");

	begin(os);
	phases_stop(&os->phases);
	os->phases.stop_deadline = 1;
	phases_proceed(&os->phases);
	assert_int_equal(db->record.state, LIFE_STOPPING);
	assert_int_equal(web->record.state, LIFE_STOPPING);
	assert_int_equal(db->run.stop_signal, SIGKILL);
	assert_int_equal(os->phases.stop_deadline, 0);
}

static void test_a_shell_holds_up_what_follows(void **state)
{
	struct os *os = *state;
	struct container *step = add(os, CONTAINER_ONBOOT, "000-a", LIFE_WAITING, NULL);

	begin(os);
	os->phases.shell = 4711;
	phases_proceed(&os->phases);
	assert_int_equal(step->record.state, LIFE_WAITING);
	assert_false(phases_child_ended(&os->phases, 4712, 0));
	assert_true(phases_child_ended(&os->phases, 4711, 0));
	phases_proceed(&os->phases);
	assert_int_equal(step->record.state, LIFE_FAILED);
}

/* What a step of onboot was to do is not there, until somebody does it by hand. */
static void test_a_service_waits_for_a_step_that_failed(void **state)
{
	struct os *os = *state;
	struct container *step = add(os, CONTAINER_ONBOOT, "000-mount", LIFE_WAITING, NULL);
	struct container *data = add(os, CONTAINER_SERVICE, "data", LIFE_WAITING, "mount");

	begin(os);
	phases_proceed(&os->phases);
	phases_proceed(&os->phases);
	assert_int_equal(step->record.state, LIFE_FAILED);
	assert_int_equal(data->record.state, LIFE_WAITING);
	assert_int_equal(os->phases.now, PHASE_READY);
	step->record.state = LIFE_DONE;
	phases_proceed(&os->phases);
	assert_int_equal(data->record.state, LIFE_FAILED);
}

#define TEST(f_) cmocka_unit_test_setup_teardown(f_, make_os, remove_os)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_an_empty_os),
		TEST(test_steps_run_one_after_another),
		TEST(test_a_service_waits_for_others),
		TEST(test_ready_without_those_that_wait_in_vain),
		TEST(test_services_are_stopped_in_reverse_order),
		TEST(test_what_takes_too_long_to_stop_is_killed),
		TEST(test_a_shell_holds_up_what_follows),
		TEST(test_a_service_waits_for_a_step_that_failed),
	};

	console_to_stderr();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
