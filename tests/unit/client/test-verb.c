/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <string.h>

#include "base/mem.h"
#include "client/verb.h"

enum { WORDS_MAX = 12, COLUMNS = 80 };

/* The words of a line, separated by single spaces, as args. */
static void split(struct strv *words, const char *line)
{
	strv_clear(words);
	if (*line)
		strv_split(words, line, ' ');
}

static int parse(struct client_call *ret, const char *line, struct werr **err)
{
	CLEANUP(strv) struct strv words = {0};
	static const char *const none[] = {NULL};

	split(&words, line);
	return client_parse(ret, "service", words.n ? (const char *const *)words.items : none, err);
}

/* The request that a line makes, "ERROR" when it makes none. Owned by the caller. */
static char *request_of(const char *line)
{
	CLEANUP(client_call) struct client_call c = {0};
	CLEANUP(werr) struct werr *err = NULL;
	int r = parse(&c, line, &err);

	return r < 0 ? str_printf("ERROR %s", err->message) : request_format(&c.request);
}

static void test_requests(ATTR_UNUSED void **state)
{
	static const struct {
		const char *line, *request;
	} cases[] = {
		{"list", "{\"do\":\"list\"}\n"},
		{"top --json", "{\"do\":\"list\"}\n"},
		{"--json boot --svg", "{\"do\":\"boot\"}\n"},
		{"start web", "{\"do\":\"start\",\"name\":\"web\"}\n"},
		{"wait web", "{\"do\":\"wait\",\"name\":\"web\"}\n"},
		{"wait web stopped --timeout 3",
			"{\"do\":\"wait\",\"name\":\"web\",\"state\":\"stopped\"}\n"},
		{"logs", "{\"do\":\"logs\",\"lines\":1000000,\"follow\":false}\n"},
		{"logs -n 5 -f web",
			"{\"do\":\"logs\",\"name\":\"web\",\"lines\":5,\"follow\":true}\n"},
		/* As people type it. */
		{"logs -fn5 web",
			"{\"do\":\"logs\",\"name\":\"web\",\"lines\":5,\"follow\":true}\n"},
		{"logs --tail 5 web",
			"{\"do\":\"logs\",\"name\":\"web\",\"lines\":5,\"follow\":false}\n"},
		{"logs --tail=0", "{\"do\":\"logs\",\"lines\":0,\"follow\":false}\n"},
		{"exec web ls -l --json", "{\"do\":\"exec\",\"name\":\"web\",\"terminal\":false,"
					  "\"argv\":[\"ls\",\"-l\",\"--json\"]}\n"},
		{"status web", "{\"do\":\"status\",\"name\":\"web\"}\n"},
		{"status", "{\"do\":\"list\"}\n"},
		{"debug web", "{\"do\":\"debug\",\"name\":\"web\",\"terminal\":false}\n"},
		{"exec -it web sh", "{\"do\":\"exec\",\"name\":\"web\",\"terminal\":false,"
				    "\"argv\":[\"sh\"]}\n"},
		{"exec -- web -- x", "{\"do\":\"exec\",\"name\":\"web\",\"terminal\":false,"
				     "\"argv\":[\"--\",\"x\"]}\n"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(free) char *request = request_of(cases[i].line);

		assert_string_equal(request, cases[i].request);
	}
}

static void test_mistakes_are_named(ATTR_UNUSED void **state)
{
	static const struct {
		const char *line, *message, *hint;
	} cases[] = {
		{"", "there is no verb", "'service --help' lists them"},
		{"lst", "unknown verb 'lst'; did you mean 'list'?", NULL},
		{"zzzzzz", "unknown verb 'zzzzzz'", "'service --help' lists them"},
		{"web restart", "unknown verb 'web'", "the verb comes first: service restart web"},
		{"logs --tial 5", "unknown option '--tial'", NULL},
		{"logs --folow", "unknown option '--folow'; did you mean '--follow'?", NULL},
		{"list -n 5", "unknown option '-n'", NULL},
		{"logs -n", "option --lines needs a value: N", NULL},
		{"logs -n five", "option --lines needs a number, not 'five'", NULL},
		{"logs -n 1000001", "option --lines is at most 1000000", NULL},
		{"stop web --timeout 99999999", "option --timeout is at most 2147483", NULL},
		{"start", "'start' needs the name of a container", "usage: service start NAME"},
		{"exec web", "'exec' needs a command", "usage: service exec NAME COMMAND..."},
		{"list web", "'list' takes no operands, so no 'web'", "usage: service list"},
		{"stop web db", "'stop' takes no 'db' besides", "usage: service stop NAME"},
		{"wait web redy", "'redy' is no state to wait for: ready or stopped", NULL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(client_call) struct client_call c = {0};
		struct werr *err = NULL;
		int r = parse(&c, cases[i].line, &err);

		assert_int_equal(r, werr_code(WERR_USAGE));
		assert_string_equal(err->message, cases[i].message);
		if (cases[i].hint)
			assert_string_equal(err->hint, cases[i].hint);
		werr_free(err);
	}
}

/* No line is wider than a terminal. */
static void check_width(const char *text)
{
	CLEANUP(strv) struct strv lines = {0};
	const char *line;

	strv_split(&lines, text, '\n');
	STRV_FOREACH (line, &lines)
		assert_true(strlen(line) <= COLUMNS);
}

static void test_help(ATTR_UNUSED void **state)
{
	static const char *const lines[] = {
		"--help", "help", "-h", "logs --help", "help logs", "logs web -h", "exec -h"};
	CLEANUP(buf) struct buf all = BUF_INIT(1 << 16);

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		CLEANUP(client_call) struct client_call c = {0};
		struct werr *err = NULL;

		assert_ok(parse(&c, lines[i], &err), err);
		assert_true(c.options.help);
		assert_int_equal(c.verb != NULL, strlen(lines[i]) > 6);
	}
	client_help(&all, "service", NULL);
	check_width(buf_str(&all));
	for (const struct client_verb *v = client_verbs; v->name; v++) {
		CLEANUP(buf) struct buf one = BUF_INIT(1 << 16);
		CLEANUP(free) char *row = str_printf("\n  %s ", v->name);
		CLEANUP(free) char *start = str_dup_n(v->summary, strnlen(v->summary, 30));

		assert_non_null(strstr(buf_str(&all), row));
		client_help(&one, "wherry attach NAME", v);
		check_width(buf_str(&one));
		assert_non_null(strstr(buf_str(&one), start));
		assert_null(strstr(buf_str(&one), "--tail"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_mistakes_are_named),
		cmocka_unit_test(test_help),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
