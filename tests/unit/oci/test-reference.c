/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "oci/reference.h"

#define D "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

/* What the user writes, and the full name that it stands for. */
static void test_names(void **state)
{
	static const struct {
		const char *text, *name;
	} rows[] = {
		{"redis", "docker.io/library/redis:latest"},
		{"redis:7", "docker.io/library/redis:7"},
		{"linuxkit/init:v1", "docker.io/linuxkit/init:v1"},
		{"docker.io/redis", "docker.io/library/redis:latest"},
		{"index.docker.io/redis", "docker.io/library/redis:latest"},
		{"localhost/a", "localhost/a:latest"},
		{"host:5000/a/b", "host:5000/a/b:latest"},
		{"quay.io/a/b/c:x.Y_z-1", "quay.io/a/b/c:x.Y_z-1"},
		{"[::1]:5000/a", "[::1]:5000/a:latest"},
		{"redis@" D, "docker.io/library/redis@" D},
		{"host:5000/a:t@" D, "host:5000/a:t@" D},
		{"a__b/c---d.e_f", "docker.io/a__b/c---d.e_f:latest"},
	};
	struct werr *err = NULL;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(reference) struct reference r = {0};

		assert_ok(reference_parse(rows[i].text, &r, &err), err);
		assert_string_equal(r.text, rows[i].text);
		assert_string_equal(r.name, rows[i].name);
	}
}

static void test_parts(void **state)
{
	CLEANUP(reference) struct reference r = {0};
	struct werr *err = NULL;

	(void)state;
	assert_ok(reference_parse("host:5000/a/b@" D, &r, &err), err);
	assert_string_equal(r.registry, "host:5000");
	assert_string_equal(r.repository, "a/b");
	assert_null(r.tag);
	assert_string_equal(r.digest, D);
}

static void test_copies(ATTR_UNUSED void **state)
{
	CLEANUP(reference) struct reference r = {0}, copy = {0}, exact = {0};
	struct digest d;
	struct werr *err = NULL;

	assert_ok(reference_parse("redis:7", &r, &err), err);
	reference_copy(&r, &copy);
	assert_string_equal(copy.text, "redis:7");
	assert_string_equal(copy.name, "docker.io/library/redis:7");
	assert_string_equal(copy.tag, "7");
	assert_null(copy.digest);
	assert_ok(digest_parse(D, &d, &err), err);
	reference_with_digest(&r, &d, &exact);
	assert_string_equal(exact.name, "docker.io/library/redis@" D);
	assert_string_equal(exact.repository, "library/redis");
	assert_null(exact.tag);
	assert_string_equal(exact.digest, D);
}

static void test_expand(ATTR_UNUSED void **state)
{
	static const struct {
		const char *text, *expanded;
	} rows[] = {
		{"redis", "docker.io/library/redis"},
		{"redis:7", "docker.io/library/redis:7"},
		{"host:5000/a", "host:5000/a"},
		{"a/b@" D, "docker.io/a/b@" D},
		{"No Reference", "No Reference"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(free) char *name = reference_expand(rows[i].text);

		assert_string_equal(name, rows[i].expanded);
	}
}

static void test_refused(void **state)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
		{"", "is empty"},
		{"Redis", "lower case"},
		{"a//b", "not made of"},
		{"a/", "not made of"},
		{"/a", "not made of"},
		{"a/../b", "not made of"},
		{"a..b", "not made of"},
		{"a___b", "not made of"},
		{"a b", "not made of"},
		{"a:", "not a tag"},
		{"a:-x", "not a tag"},
		{"a:x y", "not a tag"},
		{"a@", "not a digest"},
		{"a@sha256:12", "not a digest"},
		{"host:port/a", "not a registry"},
		{"-a.b/c", "not a registry"},
		{"..//c", "not a registry"},
		{"[::1/a", "not a registry"},
	};
	struct reference r = {0};
	struct werr *err = NULL;
	char longest[300];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_fails(
			reference_parse(rows[i].text, &r, &err), err, WERR_INVALID, rows[i].why);
	assert_fails(reference_parse("a@sha384:12", &r, &err), err, WERR_UNSUPPORTED, "sha384");
	memset(longest, 'a', sizeof(longest));
	longest[sizeof(longest) - 1] = 0;
	assert_fails(reference_parse(longest, &r, &err), err, WERR_INVALID, "longer than 255");
	assert_null(r.registry);
}

static void test_registries(ATTR_UNUSED void **state)
{
	static const char *const good[][2] = {{"ghcr.io", "ghcr.io"},
		{"https://ghcr.io/", "ghcr.io"}, {"localhost:5000", "localhost:5000"},
		{"https://index.example/v1/", "index.example"}};
	static const char *const bad[] = {"", "word", "http://ghcr.io", "a b.example"};
	struct werr *err = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		CLEANUP(free) char *registry = NULL;

		assert_ok(reference_parse_registry(good[i][0], &registry, &err), err);
		assert_string_equal(registry, good[i][1]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		CLEANUP(free) char *registry = NULL;

		assert_fails(reference_parse_registry(bad[i], &registry, &err), err, WERR_USAGE,
			"is not a registry");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_copies),
		cmocka_unit_test(test_expand),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_registries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
