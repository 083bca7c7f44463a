/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "client/client.h"

/* A supervisor that has these lines to say. */
struct fake {
	struct client_transport transport;
	const char *const *lines; /* NULL ends them */
	bool late;                /* instead of the end: the time limit */
	int left;                 /* that it was last asked with */
	char *request;
};

static int ask(struct client_transport *t, const struct request *r, ATTR_UNUSED struct werr **err)
{
	struct fake *f = CONTAINER_OF(t, struct fake, transport);

	free(f->request);
	f->request = request_format(r);
	return 0;
}

static int next(struct client_transport *t, int left, const char **ret, struct werr **err)
{
	struct fake *f = CONTAINER_OF(t, struct fake, transport);

	f->left = left;
	*ret = *f->lines;
	if (!*ret && f->late)
		return werr_set(err, WERR_TIMEOUT, "it took too long");
	f->lines += *ret != NULL;
	return 0;
}

static int run(ATTR_UNUSED struct client_transport *t, struct request *r, int *ret_code,
	ATTR_UNUSED struct werr **err)
{
	*ret_code = str_eq(r->argv.items[0], "true") ? 0 : 3;
	return 0;
}

/* What a command line shows when these are the answer's lines; NULL: *err says why not. */
static char *shown(struct fake *f, const char *line, int *ret_code, struct werr **err)
{
	CLEANUP(client_call) struct client_call c = {0};
	CLEANUP(strv) struct strv words = {0};
	char text[4096] = {0};
	int ends[2], r;

	strv_split(&words, line, ' ');
	assert_ok(client_parse(&c, "service", (const char *const *)words.items, err), *err);
	assert_int_equal(pipe(ends), 0);
	r = client_run(&c, &f->transport, ends[1], ret_code, err);
	close(ends[1]);
	assert_true(read(ends[0], text, sizeof(text) - 1) >= 0);
	close(ends[0]);
	return r < 0 ? NULL : str_dup(text);
}

static void test_logs(ATTR_UNUSED void **state)
{
	static const char *const lines[] = {
		"{\"time\":\"T1\",\"source\":\"web\",\"msg\":\"a\\u001b[2J\"}",
		"{\"time\":\"T2\",\"source\":\"db\",\"msg\":\"b\"}", NULL};
	static const char *const error[] = {"{\"error\":\"there is no container x\"}", NULL};
	static const char *const broken[] = {"{", NULL};
	struct fake f = {.transport = {ask, next, run}, .lines = lines};
	struct werr *err = NULL;
	char *text;
	int code;

	text = shown(&f, "logs", &code, &err);
	/* A pipe gets the bytes. */
	assert_string_equal(text, "T1 web: a\033[2J\nT2 db: b\n");
	free(text);
	f.lines = lines;
	text = shown(&f, "logs web", &code, &err);
	assert_string_equal(text, "T1 a\033[2J\nT2 b\n");
	free(text);
	f.lines = lines + 1;
	text = shown(&f, "logs --json", &code, &err);
	assert_string_equal(text, "{\"time\":\"T2\",\"source\":\"db\",\"msg\":\"b\"}\n");
	free(text);
	f.lines = error;
	assert_null(shown(&f, "logs x", &code, &err));
	assert_string_equal(err->message, "there is no container x");
	werr_free(STEAL(err));
	f.lines = broken;
	assert_null(shown(&f, "logs x", &code, &err));
	assert_int_equal(err->kind, WERR_CORRUPT);
	werr_free(err);
	free(f.request);
}

static void test_waiting(ATTR_UNUSED void **state)
{
	static const char *const nothing[] = {NULL}, *const done[] = {
							     "{\"state\":\"ready\"}", NULL};
	struct fake f = {.transport = {ask, next, run}, .lines = done};
	struct werr *err = NULL;
	char *text;
	int code;

	text = shown(&f, "start web", &code, &err);
	assert_string_equal(text, "");
	assert_int_equal(f.left, -1);
	assert_string_equal(f.request, "{\"do\":\"start\",\"name\":\"web\"}\n");
	free(text);
	f.lines = nothing;
	f.late = true;
	assert_null(shown(&f, "start web --timeout 100", &code, &err));
	assert_true(f.left > 90000 && f.left <= 100000);
	assert_int_equal(err->kind, WERR_TIMEOUT);
	werr_free(STEAL(err));
	f.late = false;
	assert_null(shown(&f, "start web", &code, &err));
	assert_string_equal(err->message, "the supervisor closed the connection");
	werr_free(err);
	free(f.request);
}

static void test_programs(ATTR_UNUSED void **state)
{
	struct fake f = {.transport = {ask, next, run}}, unable = {.transport = {ask, next, NULL}};
	struct werr *err = NULL;
	int code = 7;

	free(shown(&f, "exec web true", &code, &err));
	assert_int_equal(code, 0);
	free(shown(&f, "exec web false", &code, &err));
	assert_int_equal(code, 3);
	assert_null(shown(&unable, "exec web true", &code, &err));
	assert_int_equal(err->kind, WERR_UNSUPPORTED);
	werr_free(err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_logs),
		cmocka_unit_test(test_waiting),
		cmocka_unit_test(test_programs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
