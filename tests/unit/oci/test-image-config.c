/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "oci/image-config.h"

#define D "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static int parse(const char *text, struct image_config **ret, struct werr **err)
{
	return image_config_parse("c", text, strlen(text), ret, err);
}

static void test_read_and_write(void **state)
{
	static const char text[] =
		"{\"created\":\"2024-01-01T00:00:00Z\",\"author\":\"me\","
		"\"architecture\":\"arm64\","
		"\"variant\":\"v8\",\"os\":\"linux\",\"config\":{\"User\":\"nobody\","
		"\"ExposedPorts\":{\"80/tcp\":{},\"443/udp\":{}},\"Env\":[\"A=b\"],"
		"\"Entrypoint\":[\"/bin/x\"],\"Cmd\":[\"-v\",\"\"],"
		"\"Volumes\":{\"/data\":{}},\"WorkingDir\":\"/srv\","
		"\"Labels\":{\"a\":\"1\",\"b\":\"2\"},\"StopSignal\":\"SIGINT\"},"
		"\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"" D "\"]}}";
	CLEANUP(image_config) struct image_config *c = NULL;
	CLEANUP(free) char *written = NULL;
	struct werr *err = NULL;
	size_t size;

	(void)state;
	assert_ok(parse(text, &c, &err), err);
	assert_string_equal(c->platform.arch, "arm64");
	assert_string_equal(c->entrypoint.items[0], "/bin/x");
	assert_int_equal(c->cmd.n, 2);
	assert_string_equal(c->exposed_ports.items[1], "443/udp");
	assert_string_equal(c->volumes.items[0], "/data");
	assert_string_equal(c->working_dir, "/srv");
	assert_string_equal(image_config_label(c, "b"), "2");
	assert_null(image_config_label(c, "c"));
	assert_string_equal(c->diff_ids.items[0], D);
	written = image_config_write(c, &size);
	assert_string_equal(written, text);
}

/* Labels come out sorted, in whatever order they were set. */
static void test_labels(void **state)
{
	CLEANUP(image_config) struct image_config *c = mem_new(struct image_config);
	CLEANUP(free) char *written = NULL;
	size_t size;

	(void)state;
	image_config_set_label(c, "z", "old");
	image_config_set_label(c, "a", "1");
	image_config_set_label(c, "z", "2");
	written = image_config_write(c, &size);
	assert_non_null(strstr(written, "\"Labels\":{\"a\":\"1\",\"z\":\"2\"}"));
}

static void test_missing_is_empty(void **state)
{
	CLEANUP(image_config) struct image_config *c = NULL;
	struct werr *err = NULL;

	(void)state;
	assert_ok(parse("{\"os\":\"linux\",\"architecture\":\"amd64\",\"config\":{\"Cmd\":null,"
			"\"Labels\":null},\"rootfs\":{\"diff_ids\":null},\"history\":[{}]}",
			  &c, &err),
		err);
	assert_null(c->user);
	assert_int_equal(c->cmd.n, 0);
	assert_int_equal(c->diff_ids.n, 0);
}

static void test_refused(void **state)
{
#define PLATFORM "\"os\":\"linux\",\"architecture\":\"amd64\""
	static const struct {
		const char *text, *why;
	} rows[] = {
		{"[]", "not an image's configuration"},
		{"{}", "'os' is missing"},
		{"{\"os\":\"linux\"}", "'architecture' is missing"},
		{"{\"os\":\"li nux\",\"architecture\":\"amd64\"}", "can't be one"},
		{"{" PLATFORM ",\"config\":{\"Env\":\"A=b\"}}", "'Env' is text"},
		{"{" PLATFORM ",\"config\":{\"Cmd\":[1]}}", "not a list of texts"},
		{"{" PLATFORM ",\"config\":{\"Labels\":{\"a\":{}}}}", "'a' in 'Labels'"},
		{"{" PLATFORM ",\"config\":{\"User\":0}}", "'User' is not a text"},
		{"{" PLATFORM ",\"rootfs\":{\"diff_ids\":[\"x\"]}}", "diff_ids"},
	};
	struct image_config *c = NULL;
	struct werr *err = NULL;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_fails(parse(rows[i].text, &c, &err), err, WERR_INVALID, rows[i].why);
	assert_null(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read_and_write),
		cmocka_unit_test(test_labels),
		cmocka_unit_test(test_missing_is_empty),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
