/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration itself, as metadata files and --dry-run have it. */
#include "load.h"

#include "yaml/yaml.h"

static char *written(const struct config *c, bool json, bool full_names)
{
	const struct resolved_options options = {.json = json, .full_names = full_names};
	CLEANUP(buf) struct buf out = BUF_INIT(CONFIG_TEXT_MAX);
	struct werr *err = NULL;

	assert_ok(config_write(c, &options, &out, &err), err);
	return buf_steal(&out);
}

static void assert_yaml(const char *text, const char *expected)
{
	CLEANUP(config) struct config *c = must_load(text);
	CLEANUP(free) char *yaml = written(c, false, false);

	assert_string_equal(yaml, expected);
}

/* All of JSON on one line. */
static void assert_in_json(const char *text, const char *expected)
{
	CLEANUP(config) struct config *c = must_load(text);
	CLEANUP(free) char *json = written(c, true, true);
	CLEANUP(document) struct document *d = must_parse("json", json);
	CLEANUP(buf) struct buf out = BUF_INIT(1 << 20);
	struct json_writer w = JSON_WRITER(&out, 0);

	json_node(&w, d->root);
	if (!strstr(buf_str(&out), expected))
		fail_msg("%s\nhas no\n%s", buf_str(&out), expected);
}

static void test_nothing(ATTR_UNUSED void **state)
{
	assert_yaml("---", "kernel:\n  image: \"\"\ninit: []\nonboot: []\nonshutdown: []\n"
			   "services: []\nfiles: []\nvolumes: []\n");
	assert_in_json("---",
		"{\"kernel\":{\"image\":\"\"},\"init\":null,\"onboot\":null,"
		"\"onshutdown\":null,\"services\":null,\"files\":null,\"volumes\":null}");
}

static void test_names_of_images(ATTR_UNUSED void **state)
{
	static const char text[] =
		"kernel: {image: k}\ninit: ['a/i:1']\n"
		"services: [{name: s, image: 'localhost:5000/x@sha256:"
		"0123456789012345678901234567890123456789012345678901234567890123'}]\n"
		"volumes: [{name: v, image: w}]\n";

	assert_in_json(text, "\"image\":\"docker.io/library/k\"");
	assert_in_json(text, "\"init\":[\"docker.io/a/i:1\"]");
	assert_in_json(text, "\"image\":\"localhost:5000/x@sha256:0123");
	assert_in_json(text, "\"volumes\":[{\"name\":\"v\",\"image\":\"w\"}]");
}

static void test_emptiness_as_linuxkit_writes_it(ATTR_UNUSED void **state)
{
	assert_in_json("files: [{path: a, contents: '', symlink: '', mode: '', uid: 0}]",
		"[{\"path\":\"a\",\"directory\":false,\"contents\":\"\",\"optional\":false,"
		"\"uid\":0}]");
	assert_in_json("services: [{name: a, image: i, cwd: '', hostname: '', net: '', env: [], "
		       "readonly: false, cgroupsPath: '', uid: '', runtime: {}}]",
		"{\"name\":\"a\",\"image\":\"docker.io/library/i\",\"env\":[],\"uid\":\"\","
		"\"readonly\":false,\"cgroupsPath\":\"\",\"runtime\":{\"bindNS\":{}}}");
	assert_in_json(
		"volumes: [{name: v, image: '', readonly: false, format: '', platforms: []}]",
		"[{\"name\":\"v\"}]");
	assert_in_json("kernel: {image: i, cmdline: '', binary: '', tar: '', ucode: ''}",
		"{\"image\":\"docker.io/library/i\",\"tar\":\"\",\"ucode\":\"\"}");
	assert_in_json("services: [{name: a, image: i, devices: [{path: all, type: b}], "
		       "runtime: {interfaces: [{name: eth0, add: ''}]}}]",
		"\"devices\":[{\"path\":\"all\",\"type\":\"b\",\"major\":0,\"minor\":0}],"
		"\"runtime\":{\"interfaces\":[{\"name\":\"eth0\",\"createInRoot\":false}],"
		"\"bindNS\":{}}");
}

static void test_mounts(ATTR_UNUSED void **state)
{
	static const char text[] =
		"services: [{name: a, image: i, mounts: [{type: tmpfs, destination: /x}]}]";
	CLEANUP(config) struct config *c = must_load(text);
	CLEANUP(free) char *yaml = written(c, false, false);

	assert_in_json(text, "\"mounts\":[{\"destination\":\"/x\",\"type\":\"tmpfs\"}]");
	assert_non_null(
		strstr(yaml, "- destination: /x\n    type: tmpfs\n    source: \"\"\n"
			     "    options: []\n    uidmappings: []\n    gidmappings: []\n"));
}

static void test_files_are_joined(ATTR_UNUSED void **state)
{
	static const char one[] = "kernel: {image: k1, cmdline: keep, tar: none}\ninit: [a]\n"
				  "files: [{path: m, metadata: yaml}]\n";
	static const char two[] =
		"kernel: {image: k2, cmdline: ''}\ninit: [b]\nvolumes: [{name: v}]\n";
	struct config_text texts[] = {
		{"one.yml", one, sizeof(one) - 1}, {"two.yml", two, sizeof(two) - 1}};
	CLEANUP(config) struct config *c = NULL;
	struct werr *err = NULL;

	assert_ok(config_load_texts(texts, 2, NULL, &c, &err), err);
	assert_int_equal(c->files[0].kind, FILE_METADATA);
	assert_int_equal(c->files[0].size, strlen(c->files[0].contents));
	assert_string_equal(c->files[0].contents,
		"kernel:\n  image: docker.io/library/k2\n  cmdline: keep\n  tar: none\n"
		"init:\n- docker.io/library/a\n- docker.io/library/b\n"
		"onboot: []\nonshutdown: []\nservices: []\n"
		"files:\n- path: m\n  directory: false\n  metadata: yaml\n  optional: false\n"
		"volumes:\n- name: v\n");
}

/* A resolved configuration is a configuration: it says the same again. */
static void test_it_is_read_again(ATTR_UNUSED void **state)
{
	CLEANUP(config)
	struct config *first = must_load(
		"init: [a]\nvolumes: [{name: v, readonly: true}]\n"
		"services: [{name: s, image: i, uid: s, oomScoreAdj: 0x10, sysctl: {a.b: '1'}, "
		"resources: {memory: {limit: 5}}, binds: ['v:/v:ro'], command: [yes, '1', \"a\\n"
		"b\"], "
		"mounts: [{type: tmpfs, destination: /x, options: [ro]}]}]\n"
		"files: [{path: a, contents: \"x\\0y\"}, {path: d, directory: true, mode: "
		"'0755'}]\n");
	CLEANUP(free) char *text = written(first, false, false);
	CLEANUP(config) struct config *second = must_load(text);
	CLEANUP(free) char *again = written(second, false, false);

	assert_string_equal(again, text);
	assert_int_equal(second->files[0].size, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_names_of_images),
		cmocka_unit_test(test_emptiness_as_linuxkit_writes_it),
		cmocka_unit_test(test_mounts),
		cmocka_unit_test(test_files_are_joined),
		cmocka_unit_test(test_it_is_read_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
