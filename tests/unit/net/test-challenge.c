/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"
#include "net/challenge.h"

static void check_one(const char *text, const char *scheme, const char *realm, const char *service,
	const char *scope)
{
	struct challenges c = {0};
	struct werr *err = NULL;
	const struct challenge *found;

	assert_ok(challenges_parse(text, &c, &err), err);
	found = challenges_find(&c, scheme);
	assert_non_null(found);
	const struct {
		const char *has, *wants;
	} fields[] = {{found->realm, realm}, {found->service, service}, {found->scope, scope}};

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		if (!fields[i].wants)
			assert_null(fields[i].has);
		else
			assert_string_equal(fields[i].has, fields[i].wants);
	}
	challenges_cleanup(&c);
}

static void what_registries_ask_for_is_understood(ATTR_UNUSED void **state)
{
	check_one("Bearer realm=\"https://auth.docker.io/token\",service=\"registry.docker.io\","
		  "scope=\"repository:library/redis:pull\"",
		"bearer", "https://auth.docker.io/token", "registry.docker.io",
		"repository:library/redis:pull");
	check_one("Basic realm=\"Registry Realm\"", "Basic", "Registry Realm", NULL, NULL);
	check_one("bearer REALM = x , Service=y", "Bearer", "x", "y", NULL);
	check_one("Basic", "Basic", NULL, NULL, NULL);
}

static void several_challenges_are_separated(ATTR_UNUSED void **state)
{
	static const char text[] =
		"Newauth realm=\"apps\", type=1, title=\"Login to \\\"apps\\\"\", "
		"Negotiate dGVzdA==, Basic realm=\"simple\"";

	check_one(text, "Newauth", "apps", NULL, NULL);
	check_one(text, "Negotiate", NULL, NULL, NULL);
	check_one(text, "Basic", "simple", NULL, NULL);
}

static void a_comma_or_quote_in_quotes_ends_nothing(ATTR_UNUSED void **state)
{
	check_one(
		"Bearer realm=\"a,b\\\"c\\\\\", scope=\"x y\"", "Bearer", "a,b\"c\\", NULL, "x y");
}

static void malformed_challenges_are_refused(ATTR_UNUSED void **state)
{
	static const char *const texts[] = {"Bearer realm=\"unclosed", "Bearer a=b,realm=,c=d",
		"=x", "\"x\"", "Bearer realm=\"a\",realm=\"b\"", "Bearer realm=\"a\001b\"",
		"Bearer realm=\"a\\", "Bearer(x)", "Bearer realm=\"a\"; scope=\"b\""};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct challenges c = {0};
		struct werr *err = NULL;

		assert_fails(challenges_parse(texts[i], &c, &err), err, WERR_INVALID, "malformed");
		challenges_cleanup(&c);
	}
}

static void sizes_are_limited(ATTR_UNUSED void **state)
{
	CLEANUP(buf) struct buf text = BUF_INIT(1 << 20);
	struct challenges c = {0};
	struct werr *err = NULL;

	assert_fails(
		challenges_parse("a,b,c,d,e,f,g,h,i", &c, &err), err, WERR_LIMIT, "more than 8");
	challenges_cleanup(&c);
	buf_puts(&text, "Bearer a=b");
	for (int i = 0; i < CHALLENGE_PARAMETERS_MAX; i++)
		buf_puts(&text, ",a=b");
	assert_fails(challenges_parse(buf_str(&text), &c, &err), err, WERR_LIMIT, "parameters");
	challenges_cleanup(&c);
	buf_fill(&text, ',', CHALLENGE_SIZE_MAX);
	assert_fails(challenges_parse(buf_str(&text), &c, &err), err, WERR_LIMIT, "bytes");
	challenges_cleanup(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_registries_ask_for_is_understood),
		cmocka_unit_test(several_challenges_are_separated),
		cmocka_unit_test(a_comma_or_quote_in_quotes_ends_nothing),
		cmocka_unit_test(malformed_challenges_are_refused),
		cmocka_unit_test(sizes_are_limited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
