/* SPDX-License-Identifier: Apache-2.0 */
/* A container that cannot be created, with the runtime and the cleaner as process IDs only. */
#include "check.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "common/console.h"
#include "common/uptime.h"
#include "life/containers.h"

enum { CLEANER = 4711 };

struct place {
	struct env env;
	struct container *c;
};

static int make_place(void **state)
{
	struct place *p = mem_new(struct place);

	p->env = (struct env){.loop = loop_new(), .channel = -1};
	p->c = container_new(&p->env, CONTAINER_SERVICE, "web");
	werr_set(&p->c->spec_err, WERR_INVALID, "made to fail");
	*state = p;
	return 0;
}

static int remove_place(void **state)
{
	struct place *p = *state;

	container_free(p->c);
	free(p->env.streams);
	close(p->env.loop);
	free(p);
	return 0;
}

static void assert_no_run(const struct container *c)
{
	static const struct container_run none = {0};

	assert_memory_equal(&c->run, &none, sizeof(none));
}

static void test_a_failure_is_final_without_a_policy(void **state)
{
	struct place *p = *state;

	assert_true(container_event(p->c, LIFE_BEGIN));
	assert_int_equal(p->c->record.state, LIFE_FAILED);
	assert_true(p->c->newly_failed);
	assert_no_run(p->c);
	assert_true(p->env.changed);
	assert_false(container_restart(p->c));
}

static void test_a_failure_is_tried_again_later(void **state)
{
	struct place *p = *state;
	uint64_t before = uptime_ms();

	p->c->spec->policy.restart = POLICY_RESTART_ALWAYS;
	p->c->spec->policy.restart_delay = 1000;
	container_event(p->c, LIFE_BEGIN);
	assert_int_equal(p->c->record.state, LIFE_BACKOFF);
	assert_int_equal(p->c->record.streak, 1);
	assert_in_range(container_deadline(p->c), before + 1000, uptime_ms() + 1000);
	container_tick(p->c, p->c->due);
	assert_int_equal(p->c->record.restarts, 2);
	assert_in_range(container_deadline(p->c), before + 2000, uptime_ms() + 2000);
	assert_false(p->c->newly_failed);
	assert_no_run(p->c);
}

/* The runtime is still deleting the last run when the next one is to begin. */
static void begin_with_cleaner(struct container *c)
{
	c->record.state = LIFE_DONE;
	c->record.made = true;
	c->cleaner.pid = CLEANER;
	container_event(c, LIFE_BEGIN);
	assert_int_equal(c->record.state, LIFE_CREATING);
}

static void test_a_run_waits_for_the_cleaner(void **state)
{
	struct place *p = *state;

	begin_with_cleaner(p->c);
	assert_false(container_child_ended(p->c, CLEANER + 1, 0));
	assert_true(container_child_ended(p->c, CLEANER, 0));
	assert_int_equal(p->c->cleaner.pid, 0);
	/* Now it was attempted. */
	assert_int_equal(p->c->record.state, LIFE_FAILED);
}

static void test_a_stop_while_a_run_waits_for_the_cleaner(void **state)
{
	struct place *p = *state;

	begin_with_cleaner(p->c);
	container_event(p->c, LIFE_STOP);
	assert_int_equal(p->c->record.state, LIFE_STOPPING);
	assert_true(p->c->run.stop_began > 0);
	assert_int_equal(p->c->run.stop_signal, SIGTERM);
	assert_true(container_child_ended(p->c, CLEANER, 0));
	assert_int_equal(p->c->record.state, LIFE_STOPPED);
	assert_no_run(p->c);
}

static void test_a_cleaner_that_nothing_waits_for(void **state)
{
	struct place *p = *state;

	p->c->record.state = LIFE_STOPPED;
	p->c->cleaner.pid = CLEANER;
	assert_true(container_child_ended(p->c, CLEANER, 0));
	assert_int_equal(p->c->record.state, LIFE_STOPPED);
}

static void test_a_restart_by_hand_is_at_once(void **state)
{
	struct place *p = *state;
	struct container *c = p->c;

	c->record.state = LIFE_READY;
	c->record.streak = 7;
	c->process.pid = CLEANER;
	assert_true(container_restart(c));
	assert_int_equal(c->record.state, LIFE_ENDING);
	assert_int_equal(c->run.ending, ENDING_RESTART);
	assert_true(container_child_ended(c, CLEANER, SIGTERM));
	assert_int_equal(c->record.state, LIFE_BACKOFF);
	assert_int_equal(c->record.streak, 0);
	assert_true(container_deadline(c) <= uptime_ms());
	assert_no_run(c);
}

static void test_what_survives_sigkill_is_given_up(void **state)
{
	struct place *p = *state;
	struct container *c = p->c;

	c->record.state = LIFE_READY;
	c->process.pid = getpid();
	container_event(c, LIFE_STOP);
	assert_int_equal(c->record.state, LIFE_STOPPING);
	container_tick(c, c->due);
	assert_int_equal(c->run.stop_signal, SIGKILL);
	container_tick(c, c->due);
	assert_int_equal(c->record.state, LIFE_FAILED);
	assert_no_run(c);
}

static void test_containers_by_name_and_id(ATTR_UNUSED void **state)
{
	struct place *p = *state;
	struct container step = {.kind = CONTAINER_ONBOOT};
	struct container *steps[] = {&step}, *services[] = {p->c};
	struct containers cs = {.groups = {[CONTAINER_ONBOOT] = {steps, 1, 1},
					[CONTAINER_SERVICE] = {services, 1, 1}}};
	char id[] = "000-web", name[] = "web";

	step.id = id;
	step.name = name;
	assert_ptr_equal(containers_at(&cs, 0), &step);
	assert_ptr_equal(containers_at(&cs, 1), p->c);
	assert_null(containers_at(&cs, 2));
	/* Of two with one name, the service. */
	assert_ptr_equal(containers_find(&cs, "web"), p->c);
	assert_ptr_equal(containers_find(&cs, "000-web"), &step);
	assert_null(containers_find(&cs, "db"));
}

#define TEST(f_) cmocka_unit_test_setup_teardown(f_, make_place, remove_place)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_failure_is_final_without_a_policy),
		TEST(test_a_failure_is_tried_again_later),
		TEST(test_a_run_waits_for_the_cleaner),
		TEST(test_a_stop_while_a_run_waits_for_the_cleaner),
		TEST(test_a_cleaner_that_nothing_waits_for),
		TEST(test_a_restart_by_hand_is_at_once),
		TEST(test_what_survives_sigkill_is_given_up),
		TEST(test_containers_by_name_and_id),
	};

	console_to_stderr();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
