/* SPDX-License-Identifier: Apache-2.0 */
/* Entries for some architectures only. */
#include "files.h"

static void test_entries_for_other_architectures_are_left_out(ATTR_UNUSED void **state)
{
	static const char text[] =
		"onboot:\n"
		"  - {name: x, image: i, arches: [arm64]}\n"
		"  - {name: y, image: i}\n"
		"services:\n"
		"  - {name: a, image: i-arm, arches: [aarch64, armv7]}\n"
		"  - {name: a, image: i, arches: [x86_64], wherry: {after: [b]}}\n"
		"  - {name: b, image: i, arches: [riscv64]}\n"
		"files: [{path: f, contents: '', arches: [arm64]}]\n";
	struct platform platform = {.os = "linux", .arch = "amd64"};
	struct config_options o = {.platform = &platform};
	CLEANUP(config) struct config *c = NULL;
	CLEANUP(config) struct config *arm = NULL;
	struct werr *err = NULL;

	assert_ok(load("os.yml", text, &o, &c, &err), err);
	assert_int_equal(c->n_containers, 2);
	assert_string_equal(c->containers[0].dir, "containers/onboot/000-y");
	assert_int_equal(c->containers[0].id, 100);
	assert_string_equal(c->containers[1].image, "i");
	assert_int_equal(c->n_files, 0);
	assert_int_equal(platform_parse("linux/arm/v7", &platform, NULL), 0);
	assert_ok(load("os.yml", text, &o, &arm, &err), err);
	assert_string_equal(arm->containers[1].image, "i-arm");
	assert_mistake("services: [{name: a, image: i, arches: [amd46]}]", &o, "os.yml:1:41",
		"unknown architecture 'amd46' in the platform 'amd46'; did you mean 'amd64'?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_entries_for_other_architectures_are_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
