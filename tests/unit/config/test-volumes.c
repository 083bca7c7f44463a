/* SPDX-License-Identifier: Apache-2.0 */
/* Folders that containers share. */
#include "load.h"

static const char service[] = "services: [{name: a, image: i, %s}]\n";

static void test_model(ATTR_UNUSED void **state)
{
	CLEANUP(config)
	struct config *c = must_load(
		"volumes:\n"
		"  - name: data_1\n"
		"  - {name: ro-2, image: i, readonly: true, format: filesystem, platforms: "
		"[arm64]}\n"
		"  - {name: all, image: i, format: oci}\n"
		"  - {name: some, image: j, format: oci, platforms: [linux/arm64, linux/arm/v7]}\n"
		"  - {name: empty, image: '', format: oci}\n");
	struct config_image_use *uses;

	assert_int_equal(c->n_volumes, 5);
	assert_string_equal(c->volumes[0].dir, "containers/volumes/data_1");
	assert_null(c->volumes[0].image);
	assert_false(c->volumes[0].readonly);
	assert_true(c->volumes[1].readonly);
	assert_false(c->volumes[1].layout);
	assert_int_equal(c->volumes[1].n_platforms, 0);
	assert_true(c->volumes[2].layout);
	assert_int_equal(c->volumes[2].n_platforms, 0);
	assert_int_equal(c->volumes[3].n_platforms, 2);
	assert_string_equal(c->volumes[3].platforms[1].variant, "v7");
	assert_false(c->volumes[4].layout);
	assert_null(c->volumes[4].image);
	/* Layouts are not for the one platform of the build. */
	assert_int_equal(config_images(c, &uses), 1);
	assert_string_equal(uses[0].image, "i");
	free(uses);
}

static void test_paths_and_other_types_are_no_volumes(ATTR_UNUSED void **state)
{
	CLEANUP(free)
	char *text = str_printf(service, "binds: ['/v:/x'], mounts: [{type: tmpfs, source: v, "
					 "destination: /y}]");
	CLEANUP(config) struct config *c = must_load(text);

	assert_int_equal(c->n_volumes, 0);
}

static void test_mistakes(ATTR_UNUSED void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{"volumes: [{name: Data}]", "'Data' is not a valid volume name"},
		{"volumes: [{name: ''}]", "volumes[0].name must not be empty"},
		{"volumes: [{image: i}]", "volumes[0] has no 'name'"},
		{"volumes: {name: a}", "volumes: expected a list, not a map"},
		{"volumes: [a]", "volumes[0]: expected a map, not text"},
		{"volumes: [{name: a}, {name: a}]", "another volume is named 'a' (os.yml:1)"},
		{"volumes: [{name: a, size: 5}]", "unknown key 'size' in volumes[0]"},
		{"volumes: [{name: a, image: i, format: docker}]",
			"volumes[0].format: unknown value 'docker'"},
		{"volumes: [{name: a, image: i, platforms: [vax]}]",
			"unknown architecture 'vax' in the platform 'vax'"},
		{"volumes: [{name: a, readonly: 'true'}]",
			"volumes[0].readonly: expected true or false, not text"},
		{"services: [{name: a, image: i, binds: ['v:/d']}]", "no volume is named 'v'"},
		{"onboot: [{name: a, image: i, binds.add: ['./v:/d']}]",
			"no volume is named './v'"},
		{"volumes: [{name: r, readonly: true}]\n"
		 "services: [{name: a, image: i, binds: ['r:/d']}]",
			"the volume 'r' is read-only, and this use of it is not"},
		{"volumes: [{name: r, readonly: true}]\n"
		 "services: [{name: a, image: i, binds: ['r:/d:ro,rw']}]",
			"the volume 'r' is read-only, and this use of it is not"},
		{"volumes: [{name: r, readonly: true}]\n"
		 "services: [{name: a, image: i, mounts: [{type: bind, source: r, destination: "
		 "/d}]}]",
			"the volume 'r' is read-only, and this use of it is not"},
		{"services: [{name: a, image: i, mounts: [{type: bind, destination: /d}]}]",
			"services[0].mounts[0] is a bind and has no 'source'"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(config) struct config *c = NULL;
		struct werr *err = NULL;

		assert_fails(
			load_text(cases[i].text, &c, &err), err, WERR_INVALID, cases[i].message);
	}
}

static void test_files_are_merged(ATTR_UNUSED void **state)
{
	static const char one[] = "volumes: [{name: a}]\n"
				  "services: [{name: s, image: i, binds: ['b:/d']}]\n";
	static const char two[] = "volumes: [{name: b}]\n"
				  "services: [{name: t, image: i, binds: ['a:/d']}]\n";
	struct config_text texts[] = {
		{"one.yml", one, sizeof(one) - 1}, {"two.yml", two, sizeof(two) - 1}};
	CLEANUP(config) struct config *c = NULL, *none = NULL;
	struct werr *err = NULL;

	assert_ok(config_load_texts(texts, 2, NULL, &c, &err), err);
	assert_int_equal(c->n_volumes, 2);
	assert_int_equal(c->volumes[1].index, 1);
	texts[1] = texts[0];
	assert_int_equal(config_load_texts(texts, 2, NULL, &none, &err), werr_code(WERR_INVALID));
	werr_free(err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_model),
		cmocka_unit_test(test_paths_and_other_types_are_no_volumes),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_files_are_merged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
