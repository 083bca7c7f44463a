/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of a container's life, and that docs/supervisor.md (the first argument) has it as a
 * drawing.
 */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "life/life.h"

static const char *doc_path;

static enum life_state after(enum life_state state, const enum life_event *events, size_t n)
{
	struct life_step step;

	for (size_t i = 0; i < n; i++)
		if (life_next(state, events[i], &step))
			state = step.state;
	return state;
}
#define AFTER(state_, ...)                                    \
	after(state_, (const enum life_event[]){__VA_ARGS__}, \
		sizeof((const enum life_event[]){__VA_ARGS__}) / sizeof(enum life_event))

static void test_ordinary_lives(ATTR_UNUSED void **state)
{
	assert_int_equal(AFTER(LIFE_WAITING, LIFE_BEGIN, LIFE_STARTED, LIFE_HEALTHY), LIFE_READY);
	assert_int_equal(AFTER(LIFE_WAITING, LIFE_BEGIN, LIFE_MADE, LIFE_STARTED), LIFE_RUNNING);
	assert_int_equal(AFTER(LIFE_READY, LIFE_END_OK), LIFE_DONE);
	assert_int_equal(AFTER(LIFE_READY, LIFE_END_BAD), LIFE_FAILED);
	assert_int_equal(AFTER(LIFE_READY, LIFE_END_AGAIN, LIFE_DUE), LIFE_CREATING);
	assert_int_equal(AFTER(LIFE_READY, LIFE_STOP, LIFE_DUE, LIFE_END_OK), LIFE_STOPPED);
	assert_int_equal(AFTER(LIFE_READY, LIFE_SICK, LIFE_HEALTHY), LIFE_READY);
	assert_int_equal(AFTER(LIFE_UNHEALTHY, LIFE_END, LIFE_END_AGAIN), LIFE_BACKOFF);
}

static void test_stopping_at_any_time_leads_to_stopped(ATTR_UNUSED void **state)
{
	for (unsigned i = 0; i < LIFE_STATES; i++) {
		enum life_state end = AFTER((enum life_state)i, LIFE_STOP, LIFE_END_OK);

		if (life_is_over((enum life_state)i))
			assert_int_equal(end, i);
		else
			assert_int_equal(end, LIFE_STOPPED);
	}
}

static void test_a_stop_before_there_is_a_process_reaches_it(ATTR_UNUSED void **state)
{
	struct life_step step;

	assert_int_equal(AFTER(LIFE_CREATING, LIFE_STOP), LIFE_STOPPING);
	assert_true(life_next(LIFE_STOPPING, LIFE_STARTED, &step));
	assert_int_equal(step.state, LIFE_STOPPING);
	assert_int_equal(step.action, LIFE_DO_ASK);
}

static void test_what_is_active_can_always_end(ATTR_UNUSED void **state)
{
	struct life_step step;

	for (unsigned i = 0; i < LIFE_STATES; i++) {
		enum life_state s = (enum life_state)i;

		if (!life_is_active(s))
			continue;
		assert_true(life_next(s, LIFE_END_BAD, &step));
		assert_true(life_is_over(step.state));
		assert_int_equal(step.action, LIFE_DO_FINISH);
		/*
		 * Nothing hangs: in each active state a time limit leads on, at the latest to
		 * SIGKILL.
		 */
		assert_true(life_next(s, LIFE_DUE, &step));
	}
}

static void test_the_table_has_no_duplicates_and_no_dead_state(ATTR_UNUSED void **state)
{
	bool reached[LIFE_STATES] = {[LIFE_WAITING] = true};

	for (size_t i = 0; i < life_table_rows; i++)
		for (size_t j = 0; j < i; j++)
			assert_false(life_table[i].state == life_table[j].state &&
				     life_table[i].event == life_table[j].event);
	for (size_t round = 0; round < LIFE_STATES; round++)
		for (size_t i = 0; i < life_table_rows; i++)
			if (reached[life_table[i].state])
				reached[life_table[i].step.state] = true;
	for (size_t i = 0; i < LIFE_STATES; i++)
		assert_true(reached[i]);
}

static void test_begin_means_nothing_while_it_is_up(ATTR_UNUSED void **state)
{
	struct life_step step;

	for (unsigned i = 0; i < LIFE_STATES; i++)
		if (life_is_active((enum life_state)i))
			assert_false(life_next((enum life_state)i, LIFE_BEGIN, &step));
}

static void test_names(ATTR_UNUSED void **state)
{
	for (unsigned i = 0; i < LIFE_STATES; i++) {
		enum life_state found = LIFE_STATES;

		assert_true(life_state_from_name(life_state_name((enum life_state)i), &found));
		assert_int_equal(found, i);
	}
	assert_false(life_state_from_name("nonsense", &(enum life_state){0}));
}

static void draw(struct buf *out)
{
	buf_puts(out, "```mermaid\nstateDiagram-v2\n    [*] --> waiting\n");
	for (size_t i = 0; i < life_table_rows; i++) {
		const struct life_row *row = &life_table[i];

		buf_printf(out, "    %s --> %s: %s", life_state_name(row->state),
			life_state_name(row->step.state), life_event_name(row->event));
		if (row->step.action != LIFE_DO_NOTHING)
			buf_printf(out, " / %s", life_action_name(row->step.action));
		buf_putc(out, '\n');
	}
	buf_puts(out, "```\n");
}

static void test_the_drawing_in_the_documentation_is_this_table(ATTR_UNUSED void **state)
{
	CLEANUP(buf) struct buf drawing = BUF_INIT(16 * 1024);
	CLEANUP(free) char *text = NULL;
	struct werr *err = NULL;
	size_t size;

	draw(&drawing);
	assert_int_equal(buf_error(&drawing), 0);
	assert_ok(file_read(doc_path, 1 << 20, &text, &size, &err), err);
	if (strstr(text, buf_str(&drawing)))
		return;
	printf("%s", buf_str(&drawing));
	fail_msg("%s should have the drawing above", doc_path);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ordinary_lives),
		cmocka_unit_test(test_stopping_at_any_time_leads_to_stopped),
		cmocka_unit_test(test_a_stop_before_there_is_a_process_reaches_it),
		cmocka_unit_test(test_what_is_active_can_always_end),
		cmocka_unit_test(test_the_table_has_no_duplicates_and_no_dead_state),
		cmocka_unit_test(test_begin_means_nothing_while_it_is_up),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_the_drawing_in_the_documentation_is_this_table),
	};

	doc_path = argc > 1 ? argv[1] : "docs/supervisor.md";
	return cmocka_run_group_tests(tests, NULL, NULL);
}
