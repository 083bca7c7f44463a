/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <string.h>

#include "base/attr.h"
#include "base/str.h"
#include "oci/platform.h"

static void test_parse(void **state)
{
	static const struct {
		const char *text, *is;
	} rows[] = {
		{"linux/amd64", "linux/amd64"},
		{"arm64", "linux/arm64"},
		{"x86_64", "linux/amd64"},
		{"aarch64", "linux/arm64"},
		{"linux/x86_64", "linux/amd64"},
		{"linux/arm64/v8", "linux/arm64/v8"},
		{"linux/arm/7", "linux/arm/v7"},
		{"armv6l", "linux/arm/v6"},
		{"riscv64", "linux/riscv64"},
	};
	struct werr *err = NULL;
	struct platform p;
	char text[PLATFORM_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_ok(platform_parse(rows[i].text, &p, &err), err);
		assert_string_equal(platform_text(&p, text), rows[i].is);
	}
	platform_host(&p);
	assert_string_equal(p.os, "linux");
	assert_true(p.arch[0] != 0);
}

static void test_refused(void **state)
{
	struct werr *err = NULL;
	struct platform p;

	(void)state;
	assert_fails(platform_parse("amd46", &p, &err), err, WERR_INVALID, "did you mean 'amd64'");
	assert_fails(platform_parse("", &p, &err), err, WERR_INVALID, "unknown architecture");
	assert_fails(platform_parse("linux", &p, &err), err, WERR_INVALID, "unknown architecture");
	assert_fails(platform_parse("linux/arm/", &p, &err), err, WERR_INVALID, "not a platform");
	assert_fails(platform_parse("a/b/c/d", &p, &err), err, WERR_INVALID, "not a platform");
	assert_fails(platform_parse("windows/amd64", &p, &err), err, WERR_UNSUPPORTED, "windows");
}

static bool matches(const char *have, const char *want)
{
	struct platform h, w;

	assert_int_equal(platform_parse(have, &h, NULL), 0);
	assert_int_equal(platform_parse(want, &w, NULL), 0);
	return platform_matches(&h, &w);
}

static void test_matches(void **state)
{
	(void)state;
	assert_true(matches("amd64", "amd64"));
	assert_false(matches("amd64", "arm64"));
	/* An empty variant is the usual one. */
	assert_true(matches("arm64", "linux/arm64/v8"));
	assert_true(matches("linux/arm64/v8", "arm64"));
	assert_true(matches("linux/arm/v7", "arm"));
	assert_true(matches("amd64", "linux/amd64/v3"));
	/* A machine runs what needs less, not what needs more. */
	assert_true(matches("linux/arm/v6", "linux/arm/v7"));
	assert_false(matches("linux/arm/v7", "linux/arm/v6"));
	assert_false(matches("linux/amd64/v3", "amd64"));
	assert_false(matches("linux/arm/v7", "arm64"));
}

static void test_better(void **state)
{
	struct platform v6, v7, none;

	(void)state;
	assert_int_equal(platform_parse("linux/arm/v6", &v6, NULL), 0);
	assert_int_equal(platform_parse("linux/arm/v7", &v7, NULL), 0);
	assert_int_equal(platform_parse("arm", &none, NULL), 0);
	assert_true(platform_better(&v7, &v6));
	assert_true(platform_better(&none, &v6));
	assert_false(platform_better(&v7, &none));
}

static void test_normalize(void **state)
{
	static const struct {
		const char *arch, *variant, *text;
	} rows[] = {
		{"x86_64", "", "linux/amd64"},
		{"AMD64", "", "linux/amd64"},
		{"aarch64", "", "linux/arm64"},
		{"arm64", "8", "linux/arm64/v8"},
		{"aarch64", "V8", "linux/arm64/v8"},
		{"arm", "7", "linux/arm/v7"},
		{"armhf", "", "linux/arm/v7"},
		{"armel", "", "linux/arm/v6"},
		{"armhf", "6", "linux/arm/v6"},
		{"i386", "", "linux/386"},
		{"riscv64", "rva23", "linux/riscv64/rva23"},
		{"sparc", "", "linux/sparc"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct platform p = {.os = "Linux"};
		char text[PLATFORM_TEXT_MAX];

		str_copy(p.arch, sizeof(p.arch), rows[i].arch);
		str_copy(p.variant, sizeof(p.variant), rows[i].variant);
		platform_normalize(&p);
		assert_string_equal(platform_text(&p, text), rows[i].text);
	}
}

static void test_is(void **state)
{
	struct platform v6, v7, none;

	(void)state;
	assert_int_equal(platform_parse("linux/arm/v6", &v6, NULL), 0);
	assert_int_equal(platform_parse("linux/arm/v7", &v7, NULL), 0);
	assert_int_equal(platform_parse("arm", &none, NULL), 0);
	assert_true(platform_is(&v7, &none));
	assert_true(platform_is(&v6, &none));
	assert_true(platform_is(&none, &v7));
	assert_false(platform_is(&v6, &v7));
	assert_false(platform_is(&none, &v6));
}

static void test_any(ATTR_UNUSED void **state)
{
	struct platform any = {0}, arm;
	char text[PLATFORM_TEXT_MAX];

	assert_int_equal(platform_parse("linux/arm/v6", &arm, NULL), 0);
	assert_true(platform_is_any(&any));
	assert_false(platform_is_any(&arm));
	assert_true(platform_matches(&any, &arm));
	assert_false(platform_matches(&arm, &any));
	assert_false(platform_better(&any, &arm));
	assert_string_equal(platform_text(&any, text), "any");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_matches),
		cmocka_unit_test(test_better),
		cmocka_unit_test(test_normalize),
		cmocka_unit_test(test_is),
		cmocka_unit_test(test_any),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
