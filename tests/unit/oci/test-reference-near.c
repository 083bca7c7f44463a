/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/reference-near.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "check.h"

#define HASH "0123456789012345678901234567890123456789"

static const struct {
	const char *wanted, *there, *near; /* there: separated by spaces; near: NULL: none */
} rows[] = {
	{"hello:1", "localhost/hello:1", "localhost/hello:1"},
	{"hello", "localhost/hello:1 localhost/hello", "localhost/hello:latest"},
	{"hello:1", "b.test/hello:1 a.test/x/hello:1", "a.test/x/hello:1"},
	{"hello:1", "a.test/hello:2 hello:3", "docker.io/library/hello:3"},
	{"hello:1", "hello:3 a.test/hello:1", "a.test/hello:1"},
	{"hello:1", "hello:1", NULL}, /* itself */
	{"hello:1", "hello-world:1 hell:1 hello/x:1 UPPER/hello:1", NULL},
	{"linuxkit/init:" HASH, "wherry/init:" HASH " linuxkit/init:1",
		"docker.io/wherry/init:" HASH},
	{"linuxkit/init:" HASH, "linuxkit/init:" HASH "-dirty linuxkit/init:1", NULL},
	{"linuxkit/init:1", "linuxkit/init:" HASH, NULL},
	{"hello@sha256:" HASH "012345678901234567890123", "localhost/hello:1", NULL},
	{"hello:1", "", NULL},
};

static void test_the_nearest_name(ATTR_UNUSED void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(reference) struct reference wanted = {0};
		CLEANUP(strv) struct strv names = {0};
		struct reference_near near = {.wanted = &wanted};
		struct werr *err = NULL;
		const char *name;

		assert_ok(reference_parse(rows[i].wanted, &wanted, &err), err);
		strv_split(&names, rows[i].there, ' ');
		STRV_FOREACH (name, &names)
			reference_near_add(&near, name);
		if (!near.name != !rows[i].near || (near.name && !str_eq(near.name, rows[i].near)))
			fail_msg("%s: %s is near and not %s", rows[i].wanted,
				near.name ? near.name : "nothing",
				rows[i].near ? rows[i].near : "nothing");
		free(near.name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_the_nearest_name)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
