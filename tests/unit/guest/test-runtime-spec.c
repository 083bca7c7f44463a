/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "run/prepare.h"
#include "run/runtime-spec.h"

static int parse(const char *text, struct runtime_spec **ret, struct werr **err)
{
	return runtime_spec_parse("runtime.json", text, strlen(text), ret, err);
}

static void test_all_keys(ATTR_UNUSED void **state)
{
	static const char text[] =
		"{\"cgroups\":[\"podruntime\"],\"mkdir\":[\"/var/a\",\"/var/b\"],"
		"\"mounts\":[{\"source\":\"tmpfs\",\"type\":\"tmpfs\",\"destination\":\"/t\"},"
		"{\"destination\":\"/t\",\"options\":[\"remount\",\"private\"]}],"
		"\"interfaces\":[{\"name\":\"eth7\",\"add\":\"veth\",\"peer\":\"x\"}],"
		"\"bindNS\":{\"net\":\"/run/netns/a\",\"uts\":\"\"},"
		"\"wherry\":{\"restart\":\"always\"}}";
	CLEANUP(runtime_spec) struct runtime_spec *spec = NULL;
	struct werr *err = NULL;

	assert_ok(parse(text, &spec, &err), err);
	assert_string_equal(spec->cgroups.items[0], "podruntime");
	assert_int_equal(spec->mkdir.n, 2);
	assert_string_equal(spec->mkdir.items[1], "/var/b");
	assert_int_equal(spec->n_mounts, 2);
	assert_string_equal(spec->mounts[0].type, "tmpfs");
	assert_null(spec->mounts[1].type);
	assert_string_equal(spec->mounts[1].destination, "/t");
	assert_string_equal(spec->mounts[1].options.items[1], "private");
	assert_int_equal(spec->n_interfaces, 1);
	assert_string_equal(spec->interfaces[0].name, "eth7");
	assert_string_equal(spec->interfaces[0].peer, "x");
	assert_false(spec->interfaces[0].in_root);
	assert_string_equal(contract_namespaces[3], "net");
	assert_string_equal(spec->bind_ns[3], "/run/netns/a");
	assert_null(spec->bind_ns[6]);
	assert_true(prepare_is_between(spec));
	assert_int_equal(spec->policy.restart, POLICY_RESTART_ALWAYS);
}

static void test_empty_and_null(ATTR_UNUSED void **state)
{
	CLEANUP(runtime_spec) struct runtime_spec *spec = NULL;
	struct werr *err = NULL;

	assert_ok(parse("{\"mounts\":null,\"bindNS\":null}", &spec, &err), err);
	assert_int_equal(spec->n_mounts, 0);
	assert_false(prepare_is_between(spec));
}

static void test_mistakes(ATTR_UNUSED void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{"[]", "must be an object"},
		{"{\"mkdir\":\"/x\"}", "'mkdir' must be a list"},
		{"{\"mkdir\":[{}]}", "'mkdir' must be a list of strings"},
		{"{\"mounts\":[{\"source\":\"x\"}]}", "a mount needs a destination"},
		{"{\"mounts\":[7]}", "a mount needs a destination"},
		{"{\"interfaces\":[{}]}", "an interface needs a name"},
		{"{\"interfaces\":[{\"name\":\"0123456789abcdef\"}]}", "at most 15 bytes"},
		{"{\"interfaces\":[{\"name\":\"a\",\"add\":\"veth\"}]}", "needs a peer"},
		{"{\"interfaces\":[{\"name\":\"a\",\"peer\":\"b\"}]}", "others must not have one"},
		{"{\"wherry\":{\"restart\":1}}", "'restart' must be"},
	};
	struct runtime_spec *spec = NULL;
	struct werr *err = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_fails(
			parse(cases[i].text, &spec, &err), err, WERR_INVALID, cases[i].message);
	assert_null(spec);
}

static void test_no_file_is_an_empty_spec(ATTR_UNUSED void **state)
{
	CLEANUP(runtime_spec) struct runtime_spec *spec = NULL;
	struct werr *err = NULL;

	assert_ok(runtime_spec_read("/nonexistent/runtime.json", &spec, &err), err);
	assert_int_equal(spec->n_mounts, 0);
}

static void test_interfaces_come_between_making_and_starting(ATTR_UNUSED void **state)
{
	CLEANUP(runtime_spec) struct runtime_spec *spec = NULL;
	struct werr *err = NULL;

	assert_ok(parse("{\"interfaces\":[{\"name\":\"wg0\",\"add\":\"wireguard\","
			"\"createInRoot\":true}]}",
			  &spec, &err),
		err);
	assert_true(prepare_is_between(spec));
	assert_true(spec->interfaces[0].in_root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_keys),
		cmocka_unit_test(test_empty_and_null),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_no_file_is_an_empty_spec),
		cmocka_unit_test(test_interfaces_come_between_making_and_starting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
