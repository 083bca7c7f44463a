/* SPDX-License-Identifier: Apache-2.0 */
/* What is accepted and refused, as LinuxKit does it: with --compat to the letter, without it where
 * that is of any use. */
#include "load.h"

static bool loads(const char *text, bool compat)
{
	const struct config_options options = {.compat = compat};
	struct config_text t = {"os.yml", text, strlen(text)};
	CLEANUP(config) struct config *c = NULL;
	CLEANUP(werr) struct werr *err = NULL;

	return config_load_texts(&t, 1, &options, &c, &err) == 0;
}

static void assert_loads(const char *text, bool compat, bool expected)
{
	if (loads(text, compat) != expected)
		fail_msg("%s %s: %s", expected ? "refused" : "accepted",
			compat ? "with --compat" : "without --compat", text);
}

static void test_shapes(ATTR_UNUSED void **state)
{
	static const char *const good[] = {"---", "--- {}", "~", "services: []", "init: []",
		"kernel: {}", "kernel: {image: ''}", "trust: {image: [a], org: []}",
		"services:\n - &b {name: a, image: i}\n - {<<: *b, name: c}\n",
		"services:\n - &b {name: a, image: i}\n - {<<: [*b, {env: [X=1]}], name: c}\n",
		"services: []\n---\nnonsense: [\n", "\xEF\xBB\xBFservices: []\n",
		"{\"services\": [{\"name\": \"a\", \"image\": \"i\"}]}"};
	static const char *const bad[] = {"", "# only a comment\n", "- a", "text", "5",
		"services: ~", "services:", "kernel: ~", "init: ~", "volumes: ~", "files: ~",
		"init: x", "init: [5]", "init: [~]", "services: {}", "foo: 1", "x-a: &a {b: 1}",
		"services: []\nservices: []\n", "services: [*nope]", "services:\n\t- name: a\n",
		"trust: []", "trust: {foo: []}", "trust: ~", "5: x", "true: x", "~: x"};

	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		for (int compat = 0; compat < 2; compat++)
			assert_loads(good[i], compat, true);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		for (int compat = 0; compat < 2; compat++)
			assert_loads(bad[i], compat, false);
}

/* Keys of a service. */
static const char *const good_keys[] = {"uid: 0x10", "uid: ''", "uid: root", "uid: a", "uid: '7'",
	"additionalGids: [5, root, '', a, 5]", "command: []", "command: [2024-01-01, yes]",
	"sysctl: {'1': x}", "sysctl: {yes: x}", "sysctl: {}", "annotations: {on: 'off'}",
	"hostname: 0x", "hostname: 1e", "hostname: 1:30", "hostname: !!str 5", "oomScoreAdj: 1.0e1",
	"oomScoreAdj: !!int '5'", "readonly: TRUE", "net: ''", "pid: none", "binds: ['/a:/b:']",
	"tmpfs: ['/a:']", "mounts: [{source: proc}]", "mounts: [{destination: /dev}]",
	"mounts: [{type: mqueue}]", "rlimits: ['nofile, 1 , 2 ']",
	"rlimits: ['RLIMIT_NOFILE,UNLIMITED,unlimited']",
	"rlimits: ['nofile,18446744073709551615,1']", "capabilities: [ALL]", "capabilities: [None]",
	"capabilities: [CAP_KILL, CAP_KILL]", "ambient: [none]", "devices: [{path: all, type: c}]",
	"resources: {cpu: {shares: 18446744073709551615}}",
	"resources: {devices: [{allow: true, access: rwm}, {}]}", "runtime: {}",
	"runtime: {mounts: [{}]}", "uidMappings: [{hostID: 1}]"};
static const char *const bad_keys[] = {"uid: 5.0", "uid: 1e3", "uid: -1", "uid: 4294967296",
	"uid: ~", "uid: true", "uid: []", "uid: nobody", "additionalGids: 5", "command: /bin/sh",
	"command: [~]", "command: [true]", "command: [[a]]", "env: {A: '1'}", "sysctl: {1: x}",
	"sysctl: {true: x}", "sysctl: {~: x}", "sysctl: {1.5: x}", "sysctl: {a: 1}", "sysctl: []",
	"hostname: 5", "hostname: 1.5", "hostname: 1_0", "hostname: .inf", "readonly: 'true'",
	"readonly: 1", "readonly: on", "readonly: ~", "oomScoreAdj: 1.5", "oomScoreAdj: '5'",
	"binds: [/a]", "binds: ['/a:/b:ro:x']", "binds: [':/a']", "binds: ['']",
	"tmpfs: ['/a:b:c']", "mounts: [{}]", "mounts: [{type: bind, source: /a}]",
	"mounts: [{type: tmpfs, destination: /x, foo: 1}]", "rlimits: ['nofile,1']",
	"rlimits: ['nofile,1,2,3']", "rlimits: ['nofile,18446744073709551616,1']",
	"rlimits: ['nofile,0x1,1']", "rlimits: ['nofile,+1,1']", "rlimits: ['nofile,1_0,1']",
	"rlimits: ['no file,1,1']", "capabilities: [all, CAP_KILL]",
	"capabilities.add: [CAP_KILL, None]", "ambient: [none, all]", "capabilities: ['']",
	"devices: [{path: /x, type: c, mode: '9'}]", "resources: {memory: {limit: 1.5}}",
	"resources: {memory: {limit: 9223372036854775808}}", "resources: {rdma: {}}",
	"resources: {memory: ~}", "runtime: ~", "runtime: {noRestart: true}",
	"runtime: {bindNS: {net: 5}}", "runtime: {interfaces: [{createInRoot: yes}]}",
	"uidMappings: [{hostid: 1}]", "uidMappings: [{hostID: -1}]", "Command: [a]"};

static void test_a_word_that_linuxkit_lacks(ATTR_UNUSED void **state)
{
	static const char *const keys[] = {"capabilities", "capabilities.add", "ambient"};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		CLEANUP(free)
		char *text = str_printf("services: [{name: a, image: i, %s: [docker]}]", keys[i]);

		assert_loads(text, false, true);
		assert_loads(text, true, false);
	}
}

static void test_keys_of_entries(ATTR_UNUSED void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(good_keys) + ARRAY_SIZE(bad_keys); i++) {
		bool good = i < ARRAY_SIZE(good_keys);
		CLEANUP(free)
		char *text = str_printf("services: [{name: a, image: i, %s}]",
			good ? good_keys[i] : bad_keys[i - ARRAY_SIZE(good_keys)]);

		for (int compat = 0; compat < 2; compat++)
			assert_loads(text, compat, good);
	}
}

static void test_files(ATTR_UNUSED void **state)
{
	static const char *const good[] = {"contents: ''", "contents: x, mode: ''",
		"contents: x, source: '', symlink: '', metadata: ''",
		"contents: x, directory: false", "contents: x, uid: '', gid: root",
		"directory: true", "source: no, optional: true",
		"contents: !!binary aGk=", "contents: 2024-01-01", "metadata: json"};
	static const char *const bad[] = {"mode: '0644'", "symlink: ''", "contents: 5",
		"contents: x, mode: '999'", "contents: x, mode: rwx", "contents: x, mode: '0o644'",
		"contents: x, source: y", "source: x, metadata: yaml",
		"directory: true, symlink: x", "metadata: toml", "contents: x, uid: nobody",
		"contents: x, uid: 1.0", "contents: x, optional: 'true'", "contents: ~"};

	for (size_t i = 0; i < ARRAY_SIZE(good) + ARRAY_SIZE(bad); i++) {
		bool is_good = i < ARRAY_SIZE(good);
		CLEANUP(free)
		char *text = str_printf(
			"files: [{path: a, %s}]", is_good ? good[i] : bad[i - ARRAY_SIZE(good)]);

		for (int compat = 0; compat < 2; compat++)
			assert_loads(text, compat, is_good);
	}
}

/* These would only be found when the OS runs, so that they are mistakes where nobody asks for
 * LinuxKit's ways. */
static void test_what_only_compat_accepts(ATTR_UNUSED void **state)
{
	static const char *const texts[] = {"services: [{name: a, image: i, net: foo}]",
		"services: [{name: /a, image: i}]", "onboot: [{name: a/, image: i}]",
		"kernel: {cmdline: x}", "files: [{path: a, contents: '@pkg:./none'}]"};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		assert_loads(texts[i], true, true);
		assert_loads(texts[i], false, false);
	}
	/* Not even then. */
	assert_loads("services: [{name: a, image: '@pkg:./none'}]", true, false);
	assert_loads("services: [{name: ../a, image: i}]", true, false);
	assert_loads("services: [{name: ., image: i}]", true, false);
	assert_loads("services: [{name: '', image: i}]", true, false);
	assert_loads("services: [{name: a, image: i, net: foo, foo: 1}]", true, false);
}

static void test_slashes_around_a_name(ATTR_UNUSED void **state)
{
	static const char text[] =
		"services: [{name: /a/, image: i}]\nonboot: [{name: b//c, image: i}]";
	const struct config_options options = {.compat = true};
	struct config_text t = {"os.yml", text, sizeof(text) - 1};
	CLEANUP(config) struct config *c = NULL;
	struct werr *err = NULL;

	assert_ok(config_load_texts(&t, 1, &options, &c, &err), err);
	assert_string_equal(c->containers[0].dir, "containers/onboot/000-b/c");
	assert_string_equal(c->containers[1].dir, "containers/services/a");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shapes),
		cmocka_unit_test(test_keys_of_entries),
		cmocka_unit_test(test_a_word_that_linuxkit_lacks),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_what_only_compat_accepts),
		cmocka_unit_test(test_slashes_around_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
