/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "base/mem.h"
#include "cli/lookup.h"

static int parse(const char *const *args, struct global_options *g, struct command_line *ret,
	struct werr **err)
{
	*g = (struct global_options){0};
	return command_line_parse(args, g, ret, err);
}
#define PARSE(g_, l_, err_, ...) parse((const char *const[]){__VA_ARGS__, NULL}, g_, l_, err_)

static void test_global_options_on_both_sides(ATTR_UNUSED void **state)
{
	struct command_line l = {0};
	struct global_options g;
	struct werr *err = NULL;

	assert_ok(PARSE(&g, &l, &err, "-cache", "/c", "help", "-q", "version"), err);
	assert_string_equal(l.command->name, "help");
	assert_string_equal(g.cache, "/c");
	assert_true(g.quiet);
	assert_int_equal(g.verbose, 1);
	assert_int_equal(l.n_operands, 1);
	assert_string_equal(l.operands[0], "version");
	assert_null(l.operands[1]);
	command_line_cleanup(&l);
}

static void test_two_dashes_end_the_options(ATTR_UNUSED void **state)
{
	struct command_line l = {0};
	struct global_options g;
	struct werr *err = NULL;

	assert_ok(PARSE(&g, &l, &err, "help", "--", "-q", "--", "-"), err);
	assert_false(g.quiet);
	assert_int_equal(l.n_operands, 3);
	assert_string_equal(l.operands[0], "-q");
	assert_string_equal(l.operands[1], "--");
	command_line_cleanup(&l);
}

static void test_dash_alone_is_an_operand(ATTR_UNUSED void **state)
{
	struct command_line l = {0};
	struct global_options g;
	struct werr *err = NULL;

	assert_ok(PARSE(&g, &l, &err, "help", "-"), err);
	assert_string_equal(l.operands[0], "-");
	command_line_cleanup(&l);
}

static void test_no_verb(ATTR_UNUSED void **state)
{
	struct command_line l = {0};
	struct global_options g;
	struct werr *err = NULL;

	assert_ok(PARSE(&g, &l, &err, "--help"), err);
	assert_null(l.command);
	assert_true(g.help);
	assert_string_equal(l.words, "");
	command_line_cleanup(&l);
}

static void test_unknown_verbs(ATTR_UNUSED void **state)
{
	struct command_line l = {0};
	struct global_options g;
	struct werr *err = NULL;

	assert_fails(PARSE(&g, &l, &err, "vesrion"), err, WERR_USAGE,
		"unknown verb 'vesrion'; did you mean 'version'?");
	assert_fails(PARSE(&g, &l, &err, "frobnicate"), err, WERR_USAGE, "unknown verb");
	assert_fails(PARSE(&g, &l, &err, "push", "x"), err, WERR_USAGE, "'push' is not supported");
}

/* The word that may follow it is not an operand, and keeps the options before it; once. */
static void test_a_verb_with_a_longer_name(ATTR_UNUSED void **state)
{
	struct command_line l = {0};
	struct global_options g;
	struct werr *err = NULL;

	assert_ok(PARSE(&g, &l, &err, "run", "--mem", "7", "qemu", "--cpus", "2", "qemu"), err);
	assert_string_equal(l.command->name, "run");
	assert_int_equal(l.n_operands, 1);
	assert_string_equal(l.operands[0], "qemu");
	command_line_cleanup(&l);
	assert_ok(PARSE(&g, &l, &err, "run", "os", "qemu"), err);
	assert_int_equal(l.n_operands, 2);
	command_line_cleanup(&l);
	assert_ptr_equal(command_find("run qemu"), command_find("run"));
	assert_null(command_find("run qemux"));
}

static void test_operands_are_counted(ATTR_UNUSED void **state)
{
	struct command_line l = {0};
	struct global_options g;
	struct werr *err = NULL;

	assert_ok(PARSE(&g, &l, &err, "version", "x"), err);
	assert_fails(command_line_check(&l, &err), err, WERR_USAGE, "takes no operands");
	command_line_cleanup(&l);
	assert_ok(PARSE(&g, &l, &err, "completion"), err);
	assert_fails(command_line_check(&l, &err), err, WERR_USAGE, "needs SHELL");
	command_line_cleanup(&l);
	assert_ok(PARSE(&g, &l, &err, "completion", "a", "b"), err);
	assert_fails(command_line_check(&l, &err), err, WERR_USAGE, "'b' was given as well");
	command_line_cleanup(&l);
}

static void check_options(const struct option_group *g, size_t size)
{
	size_t n = 0;

	for (const struct option *o = g->options; o->name; o++, n++) {
		assert_true(o->kind == OPTION_ABSENT || o->help);
		assert_true(!option_takes_value(o) || o->value);
		assert_true(option_takes_value(o) || !o->value);
		assert_true(g->offset + o->offset < size || o->kind == OPTION_ABSENT);
	}
	assert_true(n < OPTIONS_MAX);
}

/* An option of a verb must not hide one of another group. */
static void check_names(const struct option_group *groups, const char *verb)
{
	struct option_sets sets = {0};
	char nothing;

	option_sets_add(&sets, global_options, &nothing);
	option_sets_add(&sets, groups, &nothing);
	for (size_t i = 0; i < sets.n; i++)
		for (const struct option *o = sets.items[i].list; o->name; o++)
			for (size_t k = 0; k < sets.n; k++) {
				const struct option *other =
					option_find(sets.items[k].list, o->name);

				if (other && other != o)
					fail_msg("%s: two options --%s", verb, o->name);
			}
	free(sets.items);
}

/* Every group of options fits the engine, and every verb says what the help needs. */
static void test_declarations(ATTR_UNUSED void **state)
{
	for (size_t i = 0; commands[i]; i++) {
		const struct command *c = commands[i];

		assert_non_null(c->summary);
		assert_non_null(c->operands);
		assert_true(c->operands_min <= c->operands_max);
		for (const struct option_group *g = c->options; g && g->options; g++)
			check_options(g, c->size);
		check_names(c->options, c->name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_global_options_on_both_sides),
		cmocka_unit_test(test_two_dashes_end_the_options),
		cmocka_unit_test(test_dash_alone_is_an_operand),
		cmocka_unit_test(test_no_verb),
		cmocka_unit_test(test_unknown_verbs),
		cmocka_unit_test(test_a_verb_with_a_longer_name),
		cmocka_unit_test(test_operands_are_counted),
		cmocka_unit_test(test_declarations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
