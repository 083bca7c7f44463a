/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <string.h>

#include "base/mem.h"
#include "net/registries-conf.h"

static const char text[] = "unqualified-search-registries = [\"docker.io\"]\n"
			   "[[registry]]\n"
			   "location = \"docker.io\"\n"
			   "[[registry.mirror]]\n"
			   "location = \"mirror.example:5000/hub\"\n"
			   "insecure = true\n"
			   "[[registry.mirror]]\n"
			   "location = \"digests.example\"\n"
			   "pull-from-mirror = \"digest-only\"\n"
			   "[[registry]]\n"
			   "prefix = \"docker.io/library\"\n"
			   "location = \"inner.example/lib\"\n"
			   "mirror-by-digest-only = true\n"
			   "[[registry.mirror]]\n"
			   "location = \"other.example\"\n"
			   "[[registry]]\n"
			   "prefix = \"*.evil.example\"\n"
			   "blocked = true\n"
			   "[aliases]\n"
			   "insecure = \"not a flag here\"\n";

static void the_longest_prefix_counts(ATTR_UNUSED void **state)
{
	struct registries_conf c = {0};
	const struct registry_conf *hub, *library;
	struct werr *err = NULL;

	assert_ok(registries_conf_parse("f", text, strlen(text), &c, &err), err);
	assert_int_equal(c.n, 3);
	hub = registries_conf_find(&c, "docker.io/me/app");
	library = registries_conf_find(&c, "docker.io/library/redis");
	assert_string_equal(hub->prefix, "docker.io");
	assert_int_equal(hub->n, 2);
	assert_true(hub->mirrors[0].insecure && hub->mirrors[0].for_tags);
	assert_false(hub->mirrors[1].insecure || hub->mirrors[1].for_tags);
	assert_string_equal(library->prefix, "docker.io/library");
	assert_false(library->mirrors[0].for_tags);
	assert_true(registries_conf_find(&c, "a.b.evil.example/x")->blocked);
	assert_null(registries_conf_find(&c, "evil.example/x"));
	assert_null(registries_conf_find(&c, "docker.io.example/x"));
	assert_string_equal(registries_conf_find(&c, "docker.io/library2/x")->prefix, "docker.io");

	CLEANUP(free)
	char *there = registry_conf_rewrite(library, library->location, "docker.io/library/redis");
	CLEANUP(free)
	char *mirror = registry_conf_rewrite(hub, hub->mirrors[0].location, "docker.io/me/app");
	assert_string_equal(there, "inner.example/lib/redis");
	assert_string_equal(mirror, "mirror.example:5000/hub/me/app");
	registries_conf_cleanup(&c);
}

static void a_later_file_replaces(ATTR_UNUSED void **state)
{
	/* Begins with a byte order mark, and has names that are settings elsewhere. */
	static const char later[] = "\xef\xbb\xbf[aliases]\nregistry = 'a/registry'\nmirror = []\n"
				    "[[registry]]\nlocation = 'docker.io'\nblocked = true\n";
	struct registries_conf c = {0};
	struct werr *err = NULL;

	assert_ok(registries_conf_parse("f", text, strlen(text), &c, &err), err);
	assert_ok(registries_conf_parse("g", later, strlen(later), &c, &err), err);
	assert_int_equal(c.n, 3);
	assert_true(registries_conf_find(&c, "docker.io/me/app")->blocked);
	assert_int_equal(registries_conf_find(&c, "docker.io/me/app")->n, 0);
	registries_conf_cleanup(&c);
}

static void mistakes_are_reported(ATTR_UNUSED void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{"[[registry]]\n", "neither a prefix nor a location"},
		{"[[registry]]\nlocation = \"https://a\"\n", "f:2: location: it is not a registry"},
		{"[[registry]]\nlocation = \"a/../b\"\n", "it is not a registry"},
		{"[[registry]]\nlocation = \"*.a\"\n", "it is not a registry"},
		{"[[registry]]\nlocation = \"a\"\nlocation = \"b\"\n",
			"f:3: location: it is set twice"},
		{"[[registry]]\nprefix = \"a\"\ninsecure = \"yes\"\n", "neither true nor false"},
		{"[[registry.mirror]]\n", "is not in a [[registry]]"},
		{"[[registry]]\nprefix = \"a\"\n[[registry.mirror]]\n", "has no location"},
		{"[[registry]]\nprefix = \"a\"\n[[registry.mirror]]\npull-from-mirror = \"x\"\n",
			"neither all"},
		{"[[registry]\n", "f:1: "},
		{"registry = [{location = \"a\", blocked = true}]\n",
			"f:1: registry: it must be [[registry]]"},
		{"[[registry]]\nprefix = \"a\"\nmirror = [{location = \"b\"}]\n",
			"f:3: mirror: it must be"},
	};
	struct registries_conf c = {0};
	struct werr *err = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_fails(
			registries_conf_parse("f", cases[i].text, strlen(cases[i].text), &c, &err),
			err, WERR_INVALID, cases[i].message);
	assert_int_equal(c.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_longest_prefix_counts),
		cmocka_unit_test(a_later_file_replaces),
		cmocka_unit_test(mistakes_are_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
