/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <string.h>

#include "base/mem.h"
#include "data/json.h"
#include "net/credential-impl.h"
#include "net/mirror.h"
#include "net/url.h"

static void keys_of_auth_files_cover_registries(ATTR_UNUSED void **state)
{
	static const struct {
		const char *key, *registry, *repository;
		bool covers;
	} cases[] = {
		{"https://index.docker.io/v1/", "docker.io", "library/redis", true},
		{"docker.io", "docker.io", "library/redis", true},
		{"registry-1.docker.io", "docker.io", "library/redis", true},
		{"index.docker.io", "ghcr.io", "a", false},
		{"ghcr.io", "ghcr.io", "me/app", true},
		{"https://ghcr.io/v2/", "ghcr.io", NULL, true},
		{"ghcr.io/me", "ghcr.io", "me/app", true},
		{"ghcr.io/me", "ghcr.io", "menace/app", false},
		{"ghcr.io/me", "ghcr.io", NULL, false},
		{"ghcr.io", "ghcr.io.evil.example", "me/app", false},
		{"host:5000", "host", "a", false},
		{"host", "host:5000", "a", false},
		{"", "host", "a", false},
		{"https://", "host", "a", false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		size_t n = auth_key_covers(cases[i].key, cases[i].registry, cases[i].repository);

		if ((n > 0) != cases[i].covers)
			fail_msg("%s for %s: %zu", cases[i].key, cases[i].registry, n);
	}
	/* The more of the name it covers, the better. */
	assert_true(auth_key_covers("ghcr.io/me", "ghcr.io", "me/app") >
		    auth_key_covers("ghcr.io", "ghcr.io", "me/app"));
}

static void find(const char *text, bool understood, const char *user, const char *password,
	const char *helper)
{
	CLEANUP(document) struct document *d = NULL;
	struct credential c = {0};
	struct werr *err = NULL;
	const char *found;

	assert_ok(json_parse("x", text, strlen(text), &d, &err), err);
	assert_int_equal(auth_file_find(d, "a.example", "b/c", &c), understood);
	assert_string_equal(c.user ? c.user : "", user);
	assert_string_equal(c.password ? c.password : "", password);
	found = auth_file_helper(d, "a.example");
	assert_string_equal(found ? found : "", helper);
	credential_cleanup(&c);
}

static void files_have_logins(ATTR_UNUSED void **state)
{
	find("{\"auths\":{\"a.example\":{\"auth\":\"bWU6eA==\\n\"}}}", true, "me", "x", "");
	find("{\"auths\":{\"a.example\":{\"auth\":\"bWU6eAA=\"}}}", true, "me", "x", "");
	find("{\"auths\":{\"a.example\":{\"auth\":\"bWV4\"}}}", false, "", "", "");
	find("{\"auths\":{\"a.example\":{\"auth\":\"?\"}}}", false, "", "", "");
	find("{\"auths\":{\"a.example\":{}}}", true, "", "", "");
	find("{\"auths\":{\"a.example\":{\"auth\":\"bWU6\",\"identitytoken\":\"t\"}}}", true, "me",
		"", "");
	find("{\"credsStore\":\"\"}", true, "", "", "");
	find("{\"credsStore\":null,\"credHelpers\":null}", true, "", "", "");
	find("{\"credsStore\":\"x\",\"credHelpers\":{\"a.example\":\"\"}}", true, "", "", "");
	find("{\"credsStore\":\"x\",\"credHelpers\":{\"b.example\":\"y\"}}", true, "", "", "x");
	find("[]", true, "", "", "");
}

static void this_machine_is_known_by_its_addresses(ATTR_UNUSED void **state)
{
	static const char *const here[] = {"localhost", "LocalHost", "127.0.0.1", "127.8.9.10",
		"::1", "[::1]", "localhost.", "a.localhost", "0.0.0.0", "[::]",
		"[::ffff:127.0.0.1]", "::ffff:7f00:1"};
	static const char *const elsewhere[] = {"localhost.example", "127.0.0.1.example",
		"128.0.0.1", "127.1", "0.0.0.1", "::2", "[::1].example", "example", "",
		"alocalhost", ".", "[::ffff:128.0.0.1]"};

	for (size_t i = 0; i < ARRAY_SIZE(here); i++)
		assert_true(host_is_loopback(here[i]));
	for (size_t i = 0; i < ARRAY_SIZE(elsewhere); i++)
		if (host_is_loopback(elsewhere[i]))
			fail_msg("%s", elsewhere[i]);
}

static void hosts_are_in_lists(ATTR_UNUSED void **state)
{
	CLEANUP(strv) struct strv list = {0};

	strv_add(&list, "a.example");
	strv_add(&list, "b.example:5000");
	strv_add(&list, "*.c.example");
	strv_add(&list, "");
	assert_true(host_in_list(&list, "A.example", "443"));
	assert_true(host_in_list(&list, "b.example", "5000"));
	assert_true(host_in_list(&list, "x.y.c.example", "443"));
	assert_false(host_in_list(&list, "b.example", "443"));
	assert_false(host_in_list(&list, "c.example", "443"));
	assert_false(host_in_list(&list, "xc.example", "443"));
	assert_false(host_in_list(&list, "x.a.example", "443"));
}

static void mirrors_are_for_all_registries_or_one(ATTR_UNUSED void **state)
{
	CLEANUP(strv) struct strv mirrors = {0}, found = {0}, wrong = {0};
	struct werr *err = NULL;

	strv_add(&mirrors, "docker.io=https://a.example/x");
	strv_add(&mirrors, "http://b.example:5000/?a=b");
	assert_fails(mirrors_check(&mirrors, &err), err, WERR_USAGE, "is not a mirror");
	free(mirrors.items[1]);
	mirrors.items[1] = str_dup("http://b.example:5000");
	assert_ok(mirrors_check(&mirrors, &err), err);
	mirrors_of(&mirrors, "docker.io", &found);
	mirrors_of(&mirrors, "ghcr.io", &found);
	assert_int_equal(found.n, 3);
	assert_string_equal(found.items[0], "https://a.example/x");
	assert_string_equal(found.items[1], "http://b.example:5000");
	assert_string_equal(found.items[2], "http://b.example:5000");
	strv_add(&wrong, "=https://a");
	assert_fails(mirrors_check(&wrong, &err), err, WERR_USAGE, "is not a mirror");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_of_auth_files_cover_registries),
		cmocka_unit_test(files_have_logins),
		cmocka_unit_test(this_machine_is_known_by_its_addresses),
		cmocka_unit_test(hosts_are_in_lists),
		cmocka_unit_test(mirrors_are_for_all_registries_or_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
