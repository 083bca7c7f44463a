/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include "net/remote.h"
#include "net/start.h"

#define LOG_IN ANSWER("401 Who", "WWW-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n", "")
#define DONE   ANSWER("201 Created", "Content-Length: 0\r\n", "")
#define BUSY   ANSWER("503 Busy", "Content-Length: 0\r\n", "")
#define BEGUN  ANSWER("202 Accepted", "Location: /v2/a/up?x=1\r\nContent-Length: 0\r\n", "")

/* The repository "a" of a server. */
static struct remote remote_of(struct server *s, struct net *n)
{
	static char user[] = "me", password[] = "you", name[] = "127.0.0.1", port[] = "80",
		    repository[] = "a";
	static const struct credential login = {.user = user, .password = password};
	struct werr *err = NULL;

	assert_ok(net_load(n, &err), err);
	return (struct remote){.net = n,
		.access = REMOTE_PUSH,
		.registry = s->base + strlen("http://"),
		.host = s->base + strlen("http://"),
		.name = name,
		.port = port,
		.repository = repository,
		.plain_only = true,
		.login = &login};
}

static void assert_body(const struct server *s, size_t i, const char *method, const char *body)
{
	const char *text = s->requests.items[i], *end = strstr(text, "\r\n\r\n");

	assert_non_null(str_after(text, method));
	assert_string_equal(end + 4, body);
}

/* "me:you" in base64. */
static bool has_login(const struct server *s, size_t i)
{
	return strstr(s->requests.items[i], "\r\nAuthorization: Basic bWU6eW91\r\n");
}

static void a_login_sends_the_body_again(ATTR_UNUSED void **state)
{
	CLEANUP(server)
	struct server *s = server_start((const char *const[]){LOG_IN, BUSY, DONE, NULL});
	CLEANUP(net) struct net *n = fixture_net();
	struct remote r = remote_of(s, n);
	struct werr *err = NULL;

	assert_ok(remote_put_manifest(&r, "v1", "text/x", "hello", 5, &err), err);
	server_stop(s);
	assert_int_equal(s->requests.n, 3);
	for (size_t i = 0; i < 3; i++)
		assert_body(s, i, "PUT /v2/a/manifests/v1 ", "hello");
	assert_false(has_login(s, 0));
	assert_true(has_login(s, 1));
	assert_true(has_login(s, 2));
}

static void count(void *ctx, uint64_t bytes)
{
	*(uint64_t *)ctx = bytes;
}

/* The login runs out between the beginning of the upload and its end. */
static void a_blob_is_sent_again_after_a_login(ATTR_UNUSED void **state)
{
	CLEANUP(server)
	struct server *s = server_start((const char *const[]){BEGUN, LOG_IN, DONE, NULL});
	CLEANUP(net) struct net *n = fixture_net();
	struct remote r = remote_of(s, n);
	const struct http_source blob = http_memory("hello", 5);
	struct descriptor d = {.size = 5};
	uint64_t sent = 0;
	struct werr *err = NULL;

	digest_of("hello", 5, &d.digest);
	assert_ok(remote_put_blob(&r, &d, &blob, count, &sent, &err), err);
	server_stop(s);
	assert_int_equal(s->requests.n, 3);
	assert_body(s, 0, "POST /v2/a/blobs/uploads/ ", "");
	assert_body(s, 1, "PUT /v2/a/up?x=1&digest=sha256:", "hello");
	assert_body(s, 2, "PUT /v2/a/up?x=1&digest=sha256:", "hello");
	assert_true(has_login(s, 2));
	assert_int_equal(sent, 5);
}

/* An upload that fails is looked at before it is sent again: the registry has a part already. */
static void an_upload_goes_on_where_it_was(ATTR_UNUSED void **state)
{
	static const char has_two[] =
		ANSWER("204 Here", "Location: /v2/a/up\r\nRange: 0-1\r\nContent-Length: 0\r\n", "");
	CLEANUP(server)
	struct server *s =
		server_start((const char *const[]){BEGUN, BUSY, has_two, BEGUN, DONE, NULL});
	CLEANUP(net) struct net *n = fixture_net();
	struct remote r = remote_of(s, n);
	const struct http_source blob = http_memory("hello", 5);
	struct descriptor d = {.size = 5};
	struct werr *err = NULL;

	digest_of("hello", 5, &d.digest);
	assert_ok(remote_put_blob(&r, &d, &blob, NULL, NULL, &err), err);
	server_stop(s);
	assert_int_equal(s->requests.n, 5);
	assert_body(s, 1, "PUT /v2/a/up?x=1&digest=", "hello");
	assert_body(s, 2, "GET /v2/a/up?x=1 ", "");
	assert_body(s, 3, "PATCH /v2/a/up ", "llo");
	assert_body(s, 4, "PUT /v2/a/up?x=1&digest=", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_login_sends_the_body_again),
		cmocka_unit_test(a_blob_is_sent_again_after_a_login),
		cmocka_unit_test(an_upload_goes_on_where_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
