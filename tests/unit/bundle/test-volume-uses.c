/* SPDX-License-Identifier: Apache-2.0 */
/* Mounts of directories that containers share. */
#include "made.h"

/* Sources of the mounts at /x, by way of each key that may name a volume. */
static void test_uses(ATTR_UNUSED void **state)
{
	static const char *const keys[] = {"binds: ['v:/x']", "binds.add: ['v:/x:rw,nosuid']",
		"mounts: [{type: bind, source: v, destination: /x, options: [rbind]}]",
		"binds: ['r:/x:ro']", "binds: ['r:/x:ro,nosuid']",
		"mounts: [{type: bind, source: r, destination: /x, options: [nosuid, ro]}]"};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		CLEANUP(free)
		char *text = str_printf("volumes: [{name: v}, {name: r, readonly: true}]\n"
					"services: [{name: a, image: i, %s}]\n",
			keys[i]);
		CLEANUP(config) struct config *c = must_load(text);
		struct image_config image = {0};
		CLEANUP(made) struct made b = must_make(c, &image, NULL);
		const struct node *mounts = find(b.config, "mounts"),
				  *last = mounts->items[mounts->n - 1];

		assert_string_equal(node_get_text(last, "destination"), "/x");
		assert_string_equal(node_get_text(last, "source"),
			strstr(keys[i], "r:") || strstr(keys[i], "source: r")
				? "/containers/volumes/r/merged"
				: "/containers/volumes/v/merged");
	}
}

static int make_with_label(const char *keys, const char *label, struct werr **err)
{
	CLEANUP(free)
	char *text = str_printf("volumes: [{name: v}, {name: r, readonly: true}]\n"
				"services: [{name: a, image: i, %s}]\n",
		keys);
	CLEANUP(config) struct config *c = must_load(text);
	CLEANUP(free) char *value = str_dup(label);
	struct annotation labels[] = {{(char[]){"org.mobyproject.config"}, value}};
	struct image_config image = {.labels = labels, .n_labels = 1};
	CLEANUP(bundle) struct bundle *made = NULL;
	int r = bundle_make(c, &c->containers[0], &image, NULL, NULL, &made, err);

	if (r == 0)
		assert_non_null(strstr(made->config_json, "\"/containers/volumes/v/merged\""));
	return r;
}

static void test_labels_name_volumes_too(ATTR_UNUSED void **state)
{
	struct werr *err = NULL;

	assert_ok(make_with_label("env: []", "{\"binds\": [\"v:/d\"]}", &err), err);
	assert_ok(make_with_label("env: []", "{\"binds.add\": [\"v:/d\"]}", &err), err);
	/* What the YAML's list takes the place of is not looked at. */
	assert_ok(make_with_label("binds: ['v:/d']", "{\"binds\": [\"none:/d\"]}", &err), err);
	assert_fails(make_with_label("env: []", "{\"binds\": [\"w:/d\"]}", &err), err, WERR_INVALID,
		"no volume is named 'w'");
	assert_fails(make_with_label("env: []", "{\"binds\": [\"r:/d\"]}", &err), err, WERR_INVALID,
		"the volume 'r' is read-only, and this use of it is not");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_uses),
		cmocka_unit_test(test_labels_name_volumes_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
