/* SPDX-License-Identifier: Apache-2.0 */
#include "sbom/license.h"

#include "base/mem.h"
#include "check.h"

static const struct row {
	const char *said, *expression;
	const char *texts; /* joined by '|'; "" when SPDX knows all of it */
} rows[] = {
	{"", NULL, ""},
	{"\n", NULL, ""},
	{"MIT", "MIT", ""},
	{"mit", "MIT", ""},
	{"GPL-2.0-only WITH Linux-syscall-note", "GPL-2.0-only WITH Linux-syscall-note", ""},
	{"MIT AND (GPL-2.0-or-later OR Artistic-2.0)", "MIT AND (GPL-2.0-or-later OR Artistic-2.0)",
		""},
	/* Debian's and Fedora's names. */
	{"GPL-2+", "GPL-2.0-or-later", ""},
	{"GPLv2+ and LGPLv2 and MIT", "GPL-2.0-or-later AND LGPL-2.0-only AND MIT", ""},
	{"Expat or Artistic", "MIT OR Artistic-1.0-Perl", ""},
	/* Statements all hold. */
	{"GPL-2\nExpat or ISC", "GPL-2.0-only AND (MIT OR ISC)", ""},
	{"(Expat or ISC)\nZlib", "(MIT OR ISC) AND Zlib", ""},
	/* What is not understood, all of the statement. */
	{"public-domain", "LicenseRef-public-domain-########", "public-domain"},
	{"MIT and", "LicenseRef-MIT-and-########", "MIT and"},
	{"MIT\n(ISC", "MIT AND LicenseRef-ISC-########", "(ISC"},
	{"GPL-2+ with an exception", "LicenseRef-GPL-2-with-an-exception-########",
		"GPL-2+ with an exception"},
};

/* The digits of a digest are left out of what is compared. */
static char *without_digests(const struct license *l)
{
	CLEANUP(free) char *text = str_dup(l->expression);

	for (size_t i = 0; i < l->ids.n; i++) {
		char *at = strstr(text, l->ids.items[i]);

		assert_non_null(at);
		at += strlen(l->ids.items[i]) - 8;
		assert_int_equal(strspn(at, "0123456789abcdef"), 8);
		memset(at, '#', 8);
	}
	return STEAL(text);
}

static void test_expressions(ATTR_UNUSED void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(license) struct license l = {0};
		CLEANUP(free) char *expression = NULL;
		CLEANUP(free) char *texts = NULL;

		license_convert(rows[i].said, &l);
		assert_int_equal(l.ids.n, l.texts.n);
		texts = strv_join(&l.texts, "|");
		assert_string_equal(texts, rows[i].texts);
		if (!rows[i].expression) {
			assert_null(l.expression);
			continue;
		}
		expression = without_digests(&l);
		assert_string_equal(expression, rows[i].expression);
	}
}

static void test_what_looks_the_same_has_another_identifier(ATTR_UNUSED void **state)
{
	CLEANUP(license) struct license a = {0}, b = {0};

	license_convert("a b", &a);
	license_convert("a/b", &b);
	assert_string_not_equal(a.expression, b.expression);
}

/* A search by halves finds each row only when they are in order. */
static void test_the_table_is_sorted(ATTR_UNUSED void **state)
{
	static const char *const some[] = {"0BSD", "AGPL-3", "Apache-2.0", "BSD-3-clause", "CC0",
		"Expat", "GPL-1+", "GPL-3.0-or-later", "GPLv3+", "LGPL-2", "LGPLv2.1+", "MIT",
		"MPL-2.0", "PSF-2", "zlib", "ZPL-2.1"};

	for (size_t i = 0; i < ARRAY_SIZE(some); i++)
		assert_non_null(license_find(some[i], strlen(some[i]), false));
	assert_null(license_find("MI", 2, false));
	assert_null(license_find("MITx", 4, false));
	assert_non_null(license_find("MITx", 3, false));
	assert_null(license_find("MIT", 3, true));
	assert_non_null(license_find("389-exception", 13, true));
	assert_non_null(license_find("x11vnc-openssl-exception", 24, true));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_expressions),
		cmocka_unit_test(test_what_looks_the_same_has_another_identifier),
		cmocka_unit_test(test_the_table_is_sorted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
