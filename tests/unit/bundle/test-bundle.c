/* SPDX-License-Identifier: Apache-2.0 */
#include "made.h"

static const struct node *mount_at(const struct made *b, const char *destination)
{
	const struct node *mounts = find(b->config, "mounts");

	for (size_t i = 0; i < mounts->n; i++)
		if (str_eq(node_get_text(mounts->items[i], "destination"), destination))
			return mounts->items[i];
	return NULL;
}

static void test_everyone_has_default_mounts(ATTR_UNUSED void **state)
{
	CLEANUP(made) struct made b = make_service("env: []", NULL);

	assert_json(find(b.config, "mounts"),
		"[{\"destination\":\"/dev\",\"type\":\"tmpfs\",\"source\":\"tmpfs\","
		"\"options\":[\"nosuid\",\"strictatime\",\"mode=755\",\"size=65536k\"]},"
		"{\"destination\":\"/dev/pts\",\"type\":\"devpts\",\"source\":\"devpts\","
		"\"options\":[\"nosuid\",\"noexec\",\"newinstance\",\"ptmxmode=0666\","
		"\"mode=0620\"]},"
		"{\"destination\":\"/dev/shm\",\"type\":\"tmpfs\",\"source\":\"shm\","
		"\"options\":[\"nosuid\",\"noexec\",\"nodev\",\"mode=1777\",\"size=65536k\"]},"
		"{\"destination\":\"/etc/resolv.conf\",\"type\":\"bind\","
		"\"source\":\"/etc/resolv.conf\",\"options\":[\"ro\",\"rbind\"]},"
		"{\"destination\":\"/proc\",\"type\":\"proc\",\"source\":\"proc\","
		"\"options\":[\"nosuid\",\"nodev\",\"noexec\",\"relatime\"]},"
		"{\"destination\":\"/sys\",\"type\":\"sysfs\",\"source\":\"sysfs\","
		"\"options\":[\"nosuid\",\"noexec\",\"nodev\",\"ro\"]},"
		"{\"destination\":\"/sys/fs/cgroup\",\"type\":\"cgroup\",\"source\":\"cgroup\","
		"\"options\":[\"nosuid\",\"noexec\",\"nodev\",\"relatime\",\"ro\"]}]");
}

static void test_readonly_root_makes_dev_and_sys_readonly(ATTR_UNUSED void **state)
{
	CLEANUP(made)
	struct made b = make_service("readonly: true, capabilities: [all]", NULL);

	assert_json(node_get(mount_at(&b, "/sys"), "options"),
		"[\"nosuid\",\"noexec\",\"nodev\",\"ro\"]");
	assert_string_equal(node_get(mount_at(&b, "/dev"), "options")->items[4]->text, "ro");
	assert_json(find(b.config, "root"), "{\"path\":\"rootfs\",\"readonly\":true}");
}

static void test_mounts_win_over_binds_over_tmpfs(ATTR_UNUSED void **state)
{
	CLEANUP(made)
	struct made b = make_service(
		"tmpfs: [/a, '/b:size=1m,ro'], binds: ['/x:/a', '/x:/c:ro'], "
		"mounts: [{type: proc, options: [hidepid=2]}, {destination: /c, type: ext4}]",
		NULL);

	assert_json(mount_at(&b, "/a"),
		"{\"destination\":\"/a\",\"type\":\"bind\",\"source\":\"/x\","
		"\"options\":[\"rw\",\"rbind\",\"rshared\"]}");
	assert_json(node_get(mount_at(&b, "/b"), "options"), "[\"size=1m\",\"ro\"]");
	assert_json(mount_at(&b, "/c"),
		"{\"destination\":\"/c\",\"type\":\"ext4\",\"source\":\"ext4\"}");
	assert_json(node_get(mount_at(&b, "/proc"), "options"), "[\"hidepid=2\"]");
}

static void test_namespaces(ATTR_UNUSED void **state)
{
	CLEANUP(made) struct made usual = make_service("env: []", NULL);
	CLEANUP(made)
	struct made own =
		make_service("net: none, ipc: new, uts: /run/u, pid: host, userns: new", NULL);

	assert_json(find(usual.config, "linux.namespaces"),
		"[{\"type\":\"ipc\"},{\"type\":\"uts\"},{\"type\":\"pid\"},{\"type\":\"cgroup\"},"
		"{\"type\":\"mount\"}]");
	assert_json(find(own.config, "linux.namespaces"),
		"[{\"type\":\"network\"},{\"type\":\"ipc\"},{\"type\":\"uts\",\"path\":\"/run/u\"},"
		"{\"type\":\"user\"},{\"type\":\"cgroup\"},{\"type\":\"mount\"}]");
}

static void test_capabilities(ATTR_UNUSED void **state)
{
	CLEANUP(made)
	struct made b =
		make_service("capabilities: [CAP_SYS_TIME, CAP_CHOWN], ambient: [CAP_KILL]", NULL);
	CLEANUP(made) struct made all = make_service("capabilities: [All]", NULL);
	CLEANUP(made) struct made none = make_service("capabilities: [none]", NULL);

	assert_json(find(b.config, "process.capabilities.effective"),
		"[\"CAP_SYS_TIME\",\"CAP_CHOWN\"]");
	assert_json(find(b.config, "process.capabilities.bounding"),
		"[\"CAP_CHOWN\",\"CAP_KILL\",\"CAP_SYS_TIME\"]");
	assert_json(find(b.config, "process.capabilities.ambient"), "[\"CAP_KILL\"]");
	assert_int_equal(find(all.config, "process.capabilities.effective")->n, 41);
	assert_json(find(none.config, "process.capabilities"), "{}");
}

#define DOCKERS                                                                          \
	"\"CAP_AUDIT_WRITE\",\"CAP_CHOWN\",\"CAP_DAC_OVERRIDE\",\"CAP_FOWNER\","         \
	"\"CAP_FSETID\",\"CAP_KILL\",\"CAP_MKNOD\",\"CAP_NET_BIND_SERVICE\","            \
	"\"CAP_NET_RAW\",\"CAP_SETFCAP\",\"CAP_SETGID\",\"CAP_SETPCAP\",\"CAP_SETUID\"," \
	"\"CAP_SYS_CHROOT\""

static void assert_bounding(const char *keys, const char *label, const char *expected)
{
	CLEANUP(made) struct made b = make_service(keys, label);

	assert_json(find(b.config, "process.capabilities.bounding"), expected);
}

static void test_dockers_capabilities(ATTR_UNUSED void **state)
{
	assert_bounding("capabilities: [docker]", NULL, "[" DOCKERS "]");
	assert_bounding("capabilities: [CAP_CHOWN, Docker]", NULL, "[" DOCKERS "]");
	assert_bounding(
		"capabilities: [docker, CAP_SYS_TIME]", NULL, "[" DOCKERS ",\"CAP_SYS_TIME\"]");
	assert_bounding("capabilities.add: [docker]", "{\"capabilities\": [\"CAP_SYS_TIME\"]}",
		"[" DOCKERS ",\"CAP_SYS_TIME\"]");
	assert_bounding("env: []", "{\"capabilities\": [\"docker\"]}", "[" DOCKERS "]");
}

static void test_an_image_that_asks_for_dockers(ATTR_UNUSED void **state)
{
	CLEANUP(made)
	struct made b = make_service("env: []", "{\"capabilities\": [\"docker\"]}");
	CLEANUP(made)
	struct made given =
		make_service("capabilities: [docker]", "{\"capabilities\": [\"docker\"]}");

	assert_int_equal(b.bundle->grants.n, 1);
	assert_string_equal(b.bundle->grants.items[0], "capabilities: docker");
	assert_int_equal(given.bundle->grants.n, 0);
}

static void test_volumes_of_the_image(ATTR_UNUSED void **state)
{
	CLEANUP(config)
	struct config *c = must_load("services: [{name: a, image: i, tmpfs: [/cache],\n"
				     "  binds: ['/var/lib/db:/data']}]");
	struct image_config image = {0};
	CLEANUP(made) struct made b = {0};

	strv_add(&image.volumes, "/cache/");
	strv_add(&image.volumes, "/data/db");
	strv_add(&image.volumes, "/database");
	b = must_make(c, &image, NULL);
	assert_int_equal(b.bundle->unkept.n, 1);
	assert_string_equal(b.bundle->unkept.items[0], "/database");
	strv_clear(&image.volumes);
}

static void test_rlimits(ATTR_UNUSED void **state)
{
	CLEANUP(made)
	struct made b = make_service("rlimits: ['NoFile,1,2', 'RLIMIT_CORE,0,unlimited']", NULL);

	assert_json(find(b.config, "process.rlimits"),
		"[{\"type\":\"RLIMIT_NOFILE\",\"hard\":2,\"soft\":1},"
		"{\"type\":\"RLIMIT_CORE\",\"hard\":18446744073709551615,\"soft\":0}]");
}

static void test_devices(ATTR_UNUSED void **state)
{
	CLEANUP(made)
	struct made b =
		make_service("devices: [{path: all, type: b}, "
			     "{path: /dev/null, type: c, major: 1, minor: 3, mode: '0666'}]",
			NULL);

	assert_json(find(b.config, "linux.devices"),
		"[{\"path\":\"/dev/null\",\"type\":\"c\",\"major\":1,\"minor\":3,"
		"\"fileMode\":438}]");
	assert_json(find(b.config, "linux.resources.devices"),
		"[{\"allow\":true,\"type\":\"b\",\"access\":\"rwm\"},"
		"{\"allow\":true,\"type\":\"c\",\"major\":1,\"minor\":3,\"access\":\"rwm\"}]");
}

static void test_process_comes_from_the_image(ATTR_UNUSED void **state)
{
	CLEANUP(config) struct config *c = must_load("services: [{name: a, image: i}]");
	struct image_config image = {.working_dir = (char[]){"/srv"}};
	CLEANUP(made) struct made b = {0};

	strv_add(&image.entrypoint, "/bin/e");
	strv_add(&image.cmd, "c");
	strv_add(&image.env, "A=1");
	b = must_make(c, &image, NULL);
	assert_json(find(b.config, "process.args"), "[\"/bin/e\",\"c\"]");
	assert_json(find(b.config, "process.env"), "[\"A=1\",\"" IMAGE_DEFAULT_PATH "\"]");
	assert_json(find(b.config, "process.cwd"), "\"/srv\"");
	strv_clear(&image.entrypoint);
	strv_clear(&image.cmd);
	strv_clear(&image.env);
}

static void assert_env(const char *keys, const char *label, const char *expected)
{
	CLEANUP(free) char *text = str_printf("services: [{name: a, image: i, %s}]", keys);
	CLEANUP(config) struct config *c = must_load(text);
	struct annotation labels[] = {{(char[]){"org.mobyproject.config"}, NULL}};
	struct image_config image = {.labels = labels, .n_labels = label ? 1 : 0};
	CLEANUP(free) char *value = str_dup(label);
	CLEANUP(made) struct made b = {0};

	labels[0].value = value;
	strv_add(&image.env, "PATH=/bin");
	strv_add(&image.env, "A=1");
	b = must_make(c, &image, NULL);
	assert_json(find(b.config, "process.env"), expected);
	strv_clear(&image.env);
}

static void test_variables_are_added(ATTR_UNUSED void **state)
{
	assert_env("cwd: /", NULL, "[\"PATH=/bin\",\"A=1\"]");
	assert_env("env: [B=2]", NULL, "[\"B=2\",\"PATH=/bin\"]");
	assert_env("env: []", NULL, "[\"PATH=/bin\"]");
	assert_env("env: [PATH=/x]", NULL, "[\"PATH=/x\"]");
	assert_env("env.add: [B=2, A=3, AB=4]", NULL, "[\"PATH=/bin\",\"A=3\",\"B=2\",\"AB=4\"]");
	assert_env("env.add: [B=2]", "{\"env\": [\"C=1\"]}", "[\"C=1\",\"B=2\",\"PATH=/bin\"]");
	assert_env("env.add: [B=2]", "{\"env.add\": [\"B=1\", \"C=1\"]}",
		"[\"PATH=/bin\",\"A=1\",\"B=2\",\"C=1\"]");
	assert_env("env: [B=1], env.add: [B=2]", NULL, "[\"B=2\",\"PATH=/bin\"]");
}

static void test_yaml_goes_over_the_label(ATTR_UNUSED void **state)
{
	static const char label[] =
		"{\"command\": [\"/l\"], \"env\": [\"L=1\"], \"hostname\": \"l\","
		" \"capabilities\": [\"CAP_KILL\"], \"binds\": [\"/l:/l\"], \"readonly\": true}";
	CLEANUP(made)
	struct made b = make_service("env: [], hostname: '', readonly: false, "
				     "capabilities.add: [CAP_CHOWN], "
				     "binds.add: ['/y:/y']",
		label);

	assert_json(find(b.config, "process.args"), "[\"/l\"]");
	assert_json(find(b.config, "process.env"), "[\"" IMAGE_DEFAULT_PATH "\"]");
	assert_json(find(b.config, "hostname"), "\"l\"");
	assert_json(find(b.config, "root"), "{\"path\":\"rootfs\"}");
	assert_json(
		find(b.config, "process.capabilities.effective"), "[\"CAP_KILL\",\"CAP_CHOWN\"]");
	assert_non_null(mount_at(&b, "/l"));
	assert_non_null(mount_at(&b, "/y"));
}

static void test_label_is_json_or_yaml(ATTR_UNUSED void **state)
{
	CLEANUP(made)
	struct made json = make_service("net: host", "{\"env\": [\"A=\\ud83d\\ude00\"]}");
	CLEANUP(made) struct made yaml = make_service("net: host", "env:\n  - A=1\n");
	CLEANUP(made) struct made empty = make_service("net: host", "");

	assert_json(find(json.config, "process.env"),
		"[\"A=\xF0\x9F\x98\x80\",\"" IMAGE_DEFAULT_PATH "\"]");
	assert_json(find(yaml.config, "process.env"), "[\"A=1\",\"" IMAGE_DEFAULT_PATH "\"]");
	assert_json(find(empty.config, "process.env"), "[\"" IMAGE_DEFAULT_PATH "\"]");
}

static void test_runtime_merges_key_by_key(ATTR_UNUSED void **state)
{
	CLEANUP(made)
	struct made b = make_service("runtime: {mkdir: [/y], bindNS: {net: /run/y}}",
		"{\"runtime\": {\"mkdir\": [\"/l\"], \"cgroups\": [\"l\"],"
		" \"bindNS\": {\"net\": \"/run/l\", \"mnt\": \"/run/m\"}}}");

	assert_json(find(b.runtime, "mkdir"), "[\"/y\"]");
	assert_json(find(b.runtime, "cgroups"), "[\"l\"]");
	assert_json(find(b.runtime, "bindNS.net"), "\"/run/y\"");
	assert_json(find(b.runtime, "bindNS.mnt"), "\"/run/m\"");
	assert_json(find(b.runtime, "interfaces"), "[]");
}

static void test_writable_root_is_an_overlay(ATTR_UNUSED void **state)
{
	CLEANUP(made) struct made b = make_service("env: []", NULL);

	assert_string_equal(b.bundle->files_dir, "containers/services/a/lower");
	assert_int_equal(b.bundle->dirs.n, 2);
	assert_json(find(b.runtime, "mounts")->items[2],
		"{\"destination\":\"/containers/services/a/rootfs\",\"type\":\"overlay\","
		"\"source\":\"overlay\",\"options\":[\"lowerdir=/containers/services/a/lower\","
		"\"upperdir=/containers/services/a/tmp/upper\","
		"\"workdir=/containers/services/a/tmp/work\"]}");
}

static void test_shared_image_is_not_stored_again(ATTR_UNUSED void **state)
{
	CLEANUP(config)
	struct config *c = must_load("services: [{name: b, image: i, readonly: true}]");
	struct image_config image = {0};
	CLEANUP(made) struct made b = must_make(c, &image, "containers/services/a/lower");

	assert_null(b.bundle->files_dir);
	assert_int_equal(b.bundle->dirs.n, 1);
	assert_string_equal(b.bundle->dirs.items[0], "containers/services/b/rootfs");
	assert_json(find(b.runtime, "mounts"),
		"[{\"destination\":\"/containers/services/b/rootfs\","
		"\"source\":\"/containers/services/a/lower\",\"options\":[\"bind\"]}]");
}

static void test_names_are_ids(ATTR_UNUSED void **state)
{
	CLEANUP(config)
	struct config *c = must_load(
		"onboot: [{name: web, image: i}]\n"
		"services: [{name: web, image: i}, "
		"{name: a, image: i, uid: web, gid: root, additionalGids: [a, 7, '8']}]\n");
	struct image_config image = {0};
	CLEANUP(made) struct made b = must_make(c, &image, NULL);

	assert_json(find(b.config, "process.user"),
		"{\"uid\":101,\"gid\":0,\"additionalGids\":[0,102,7,8]}");
}

static void assert_label_refused(const char *label, unsigned column, const char *part)
{
	CLEANUP(config) struct config *c = must_load("services: [{name: a, image: i}]");
	CLEANUP(free) char *value = str_dup(label);
	struct annotation labels[] = {{(char[]){"org.mobyproject.config"}, value}};
	struct image_config image = {.labels = labels, .n_labels = 1};
	struct bundle *k = NULL;
	struct werr *err = NULL;

	assert_true(bundle_make(c, &c->containers[0], &image, NULL, NULL, &k, &err) < 0);
	assert_string_equal(err->file, "label org.mobyproject.config of i");
	assert_int_equal(err->column, column);
	if (!strstr(err->message, part))
		fail_msg("%s", err->message);
	werr_free(err);
}

static void test_bad_labels(ATTR_UNUSED void **state)
{
	assert_label_refused("{\"name\": \"x\"}", 2, "is not allowed");
	assert_label_refused("{\"privileged\": true}", 2, "unknown key 'privileged'");
	assert_label_refused("[1]", 1, "expected a map");
	assert_label_refused("{\"uid\": \"nobody\"}", 9, "no entry is named 'nobody'");
	assert_label_refused("{\"env\": [\"A\"", 9, "needs ',' or ']'");
}

static void test_device_rules_come_before_those_of_devices(ATTR_UNUSED void **state)
{
	CLEANUP(made)
	struct made b = make_service(
		"devices: [{path: all, type: b}], "
		"resources: {devices: [{access: rwm}, {allow: true, type: c, major: 1}]}",
		NULL);

	assert_json(find(b.config, "linux.resources"),
		"{\"devices\":[{\"allow\":false,\"access\":\"rwm\"},"
		"{\"allow\":true,\"type\":\"c\",\"major\":1},"
		"{\"allow\":true,\"type\":\"b\",\"access\":\"rwm\"}]}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_everyone_has_default_mounts),
		cmocka_unit_test(test_readonly_root_makes_dev_and_sys_readonly),
		cmocka_unit_test(test_mounts_win_over_binds_over_tmpfs),
		cmocka_unit_test(test_namespaces),
		cmocka_unit_test(test_capabilities),
		cmocka_unit_test(test_dockers_capabilities),
		cmocka_unit_test(test_an_image_that_asks_for_dockers),
		cmocka_unit_test(test_volumes_of_the_image),
		cmocka_unit_test(test_rlimits),
		cmocka_unit_test(test_devices),
		cmocka_unit_test(test_process_comes_from_the_image),
		cmocka_unit_test(test_variables_are_added),
		cmocka_unit_test(test_yaml_goes_over_the_label),
		cmocka_unit_test(test_label_is_json_or_yaml),
		cmocka_unit_test(test_runtime_merges_key_by_key),
		cmocka_unit_test(test_writable_root_is_an_overlay),
		cmocka_unit_test(test_shared_image_is_not_stored_again),
		cmocka_unit_test(test_names_are_ids),
		cmocka_unit_test(test_bad_labels),
		cmocka_unit_test(test_device_rules_come_before_those_of_devices),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
