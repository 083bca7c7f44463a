/* SPDX-License-Identifier: Apache-2.0 */
/* What containers are kept from by default, and who gives it up. */
#include "made.h"

#define MASKED                                                                                 \
	"\"/proc/acpi\",\"/proc/asound\",\"/proc/interrupts\",\"/proc/kcore\",\"/proc/keys\"," \
	"\"/proc/latency_stats\",\"/proc/sched_debug\",\"/proc/scsi\",\"/proc/timer_list\","   \
	"\"/proc/timer_stats\",\"/sys/devices/virtual/powercap\",\"/sys/firmware\""
#define READONLY "\"/proc/bus\",\"/proc/fs\",\"/proc/irq\",\"/proc/sys\",\"/proc/sysrq-trigger\""

static void assert_paths(const char *keys, const char *masked, const char *readonly)
{
	CLEANUP(made) struct made b = make_service(keys, NULL);

	assert_json(find(b.config, "linux.maskedPaths"), masked);
	assert_json(find(b.config, "linux.readonlyPaths"), readonly);
}

static void test_paths(ATTR_UNUSED void **state)
{
	assert_paths("env: []", "[" MASKED "]", "[" READONLY "]");
	assert_paths("capabilities: [CAP_SYS_ADMIN]", "[" MASKED "]", "[" READONLY "]");
	assert_paths("capabilities: [all]", "-", "-");
	assert_paths("maskedPaths: [/a]", "[\"/a\"]", "[" READONLY "]");
	assert_paths("readonlyPaths: []", "[" MASKED "]", "-");
	/* What the entry brings in itself is as it brings it. */
	assert_paths("binds: ['/proc:/proc/']",
		"[\"/sys/devices/virtual/powercap\",\"/sys/firmware\"]", "-");
	assert_paths("binds: ['/proc/sys:/proc/sys']", "[" MASKED "]",
		"[\"/proc/bus\",\"/proc/fs\",\"/proc/irq\",\"/proc/sysrq-trigger\"]");
	assert_paths("binds: ['/proc/sys/net:/proc/sys/net']", "[" MASKED "]", "[" READONLY "]");
	assert_paths("mounts: [{type: sysfs, options: [rw]}]",
		"[\"/proc/acpi\",\"/proc/asound\",\"/proc/interrupts\",\"/proc/kcore\","
		"\"/proc/keys\","
		"\"/proc/latency_stats\",\"/proc/sched_debug\",\"/proc/scsi\",\"/proc/timer_list\","
		"\"/proc/timer_stats\"]",
		"[" READONLY "]");
}

/* The directory with the supervisor's socket, wherever a directory above it is bound. */
static void test_the_supervisors_socket(ATTR_UNUSED void **state)
{
	static const struct {
		const char *keys, *path;
	} cases[] = {
		{"binds: ['/run:/run']", "/run/wherry"},
		{"binds: ['/run/:/a/b/']", "/a/b/wherry"},
		{"binds: ['//./run:/run:ro']", "/run/wherry"},
		{"binds: ['/x/../run:/run']", "/run/wherry"},
		{"binds: ['/var/run:/run']", "/run/wherry"},
		{"binds: ['/:/host']", "/host/run/wherry"},
		{"binds.add: ['/run:/r']", "/r/wherry"},
		{"mounts: [{type: bind, source: /run, destination: /r, options: [rbind]}]",
			"/r/wherry"},
		{"binds: ['/run:/r:rslave'], rootfsPropagation: shared", "/r/wherry"},
		/* It is hidden from nobody else. */
		{"binds: ['/run:/r'], rootfsPropagation: shared", NULL},
		{"binds: ['/run/wherry:/run/wherry']", NULL},
		{"binds: ['/run:/run', '/run/wherry:/run/wherry']", NULL},
		{"binds: ['/run/other:/run']", NULL},
		{"binds: ['/runner:/run']", NULL},
		{"binds: ['/var:/var']", NULL},
		{"binds: ['/run:/r'], wherry: {userns: auto}", "/r/wherry"},
		{"binds: ['/run:/r'], userns: new", "/r/wherry"},
		{"binds: ['/run:/r'], userns: host", "/r/wherry"},
		{"binds: ['/run:/r'], userns: root", "/r/wherry"},
		{"binds: ['/run:/r:rshared']", "/r/wherry"},
		{"binds: ['/run:/r:rshared'], userns: new", NULL},
		{"binds: ['/run:/run'], capabilities: [all]", NULL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(made) struct made b = make_service(cases[i].keys, NULL);
		const struct node *list = find(b.config, "linux.maskedPaths");
		const char *last = list ? list->items[list->n - 1]->text : "";

		if (cases[i].path)
			assert_string_equal(last, cases[i].path);
		else
			assert_null(strstr(last, "wherry"));
	}
}

static void assert_namespaces(const char *keys, const char *expected)
{
	CLEANUP(made) struct made b = make_service(keys, NULL);
	const struct node *list = find(b.config, "linux.namespaces");
	CLEANUP(buf) struct buf all = BUF_INIT(256);

	for (size_t i = 0; i < list->n; i++)
		buf_printf(&all, "%s ", node_get_text(list->items[i], "type"));
	assert_string_equal(buf_str(&all), expected);
}

static void test_namespaces(ATTR_UNUSED void **state)
{
	assert_namespaces("env: []", "ipc uts pid cgroup mount ");
	assert_namespaces("ipc: host, uts: root", "pid cgroup mount ");
	assert_namespaces("capabilities: [all]", "pid mount ");
	assert_namespaces("capabilities: [all], ipc: new", "ipc pid mount ");
	assert_namespaces("binds: ['/sys/fs/cgroup:/sys/fs/cgroup']", "ipc uts pid mount ");
	assert_namespaces("binds: ['/sys:/sys']", "ipc uts pid mount ");
	assert_namespaces("binds: ['/sys:/host/sys']", "ipc uts pid cgroup mount ");
}

static bool has_mount(const struct made *b, const char *destination, const char *option)
{
	const struct node *mounts = find(b->config, "mounts");

	for (size_t i = 0; i < mounts->n; i++) {
		const struct node *options = node_get(mounts->items[i], "options");

		if (!str_eq(node_get_text(mounts->items[i], "destination"), destination))
			continue;
		for (size_t k = 0; k < options->n; k++)
			if (str_eq(options->items[k]->text, option))
				return true;
	}
	return false;
}

static void test_mounts(ATTR_UNUSED void **state)
{
	CLEANUP(made) struct made usual = make_service("env: []", NULL);
	CLEANUP(made) struct made mighty = make_service("capabilities: [all]", NULL);
	CLEANUP(made) struct made dev = make_service("binds: ['/dev:/dev']", NULL);
	CLEANUP(made) struct made own = make_service("tmpfs: ['/dev/shm:size=1G']", NULL);

	assert_true(has_mount(&usual, "/sys", "ro"));
	assert_false(has_mount(&mighty, "/sys", "ro"));
	assert_true(has_mount(&usual, "/dev/shm", "noexec"));
	assert_true(has_mount(&mighty, "/dev/shm", "noexec"));
	assert_false(has_mount(&dev, "/dev/shm", "noexec"));
	assert_true(has_mount(&own, "/dev/shm", "size=1G"));
	assert_false(has_mount(&own, "/dev/shm", "noexec"));
}

static void assert_new_privileges(const char *keys, bool none, bool none_with_set_id)
{
	CLEANUP(made) struct made b = make_service(keys, NULL);
	const char *set_id = b.bundle->set_id_config_json;
	CLEANUP(document)
	struct document *d = must_parse("config.json", set_id ? set_id : b.bundle->config_json);

	assert_json(find(b.config, "process.noNewPrivileges"), none ? "true" : "-");
	assert_json(find(d, "process.noNewPrivileges"), none_with_set_id ? "true" : "-");
}

static void test_new_privileges(ATTR_UNUSED void **state)
{
	assert_new_privileges("env: []", true, false);
	assert_new_privileges("noNewPrivileges: true", true, true);
	assert_new_privileges("noNewPrivileges: false", false, false);
	assert_new_privileges("capabilities: [all]", false, false);
}

static void assert_root_size(const char *keys, const char *options)
{
	CLEANUP(made) struct made b = make_service(keys, NULL);
	const struct node *first = find(b.runtime, "mounts")->items[0];

	assert_json(node_get(first, "options"), options);
}

static void test_size_of_the_root(ATTR_UNUSED void **state)
{
	assert_root_size("env: []", "[\"size=25%\"]");
	assert_root_size("wherry: {root-size: 64M}", "[\"size=64M\"]");
	assert_root_size("capabilities: [all]", "-");
	assert_root_size("capabilities: [all], wherry: {root-size: 5%}", "[\"size=5%\"]");
}

/* What sets the machine up and may mount would undo it anyway: LinuxKit's sysctl and the like write
 * there. */
static void test_steps_of_the_boot(ATTR_UNUSED void **state)
{
	CLEANUP(config)
	struct config *setup =
		must_load("onboot: [{name: a, image: i, capabilities: [CAP_SYS_ADMIN]}]");
	CLEANUP(config) struct config *other = must_load("onboot: [{name: a, image: i}]");
	struct image_config image = {0};
	CLEANUP(made) struct made may = must_make(setup, &image, NULL);
	CLEANUP(made) struct made may_not = must_make(other, &image, NULL);

	assert_json(find(may.config, "linux.readonlyPaths"), "-");
	assert_json(find(may.config, "linux.maskedPaths"), "[" MASKED "]");
	assert_json(
		find(may.config, "linux.namespaces"), "[{\"type\":\"pid\"},{\"type\":\"mount\"}]");
	assert_json(find(may_not.config, "linux.readonlyPaths"), "[" READONLY "]");
}

static void test_ids_of_its_own(ATTR_UNUSED void **state)
{
	CLEANUP(made) struct made usual = make_service("env: []", NULL);
	CLEANUP(made) struct made own = make_service("wherry: {userns: auto}", NULL);
	CLEANUP(made)
	struct made given = make_service("wherry: {userns: auto}, userns: new, "
					 "uidMappings: [{containerID: 0, hostID: 5, size: 1}]",
		NULL);

	assert_int_equal(usual.bundle->id_base, 0);
	assert_int_equal(own.bundle->id_base, 1 << 20);
	assert_json(find(own.config, "linux.uidMappings"),
		"[{\"containerID\":0,\"hostID\":1048576,\"size\":65536}]");
	assert_json(find(own.config, "linux.gidMappings"),
		"[{\"containerID\":0,\"hostID\":1048576,\"size\":65536}]");
	assert_namespaces("wherry: {userns: auto}", "ipc uts pid user cgroup mount ");
	assert_int_equal(given.bundle->id_base, 0);
	assert_json(find(given.config, "linux.uidMappings"),
		"[{\"containerID\":0,\"hostID\":5,\"size\":1}]");
}

/* The runtime's binds are the machine's own mounts there, unless they are made slaves. */
static void test_binds_in_a_user_namespace(ATTR_UNUSED void **state)
{
	static const struct {
		const char *keys, *option;
		bool has;
	} cases[] = {
		{"binds: ['/var:/v'], wherry: {userns: auto}", "rslave", true},
		{"binds: ['/var:/v'], wherry: {userns: auto}", "rshared", false},
		{"binds: ['/var:/v:ro'], userns: new", "rslave", true},
		{"binds.add: ['/var:/v'], userns: /proc/7/ns/user", "rslave", true},
		{"mounts: [{type: bind, source: /var, destination: /v, options: [rbind]}], userns: "
		 "new",
			"rslave", true},
		{"mounts: [{type: none, source: /var, destination: /v, options: [bind]}], userns: "
		 "new",
			"rslave", true},
		{"mounts: [{type: tmpfs, destination: /v, options: [rw]}], userns: new", "rslave",
			false},
		{"binds: ['/var:/v:rprivate'], userns: new", "rslave", false},
		{"binds: ['/var:/v:rshared'], userns: new", "rslave", false},
		{"binds: ['/var:/v'], userns: new, rootfsPropagation: shared", "rslave", false},
		{"binds: ['/var:/v'], userns: host", "rslave", false},
		{"binds: ['/var:/v']", "rslave", false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(made) struct made b = make_service(cases[i].keys, NULL);

		if (has_mount(&b, "/v", cases[i].option) != cases[i].has)
			fail_msg("%s", cases[i].keys);
	}
}

/* As Go writes them: what the specification asks for is there. */
static void test_resources_that_are_not_given(ATTR_UNUSED void **state)
{
	CLEANUP(made)
	struct made b = make_service(
		"resources: {pids: {}, network: {priorities: [{name: a}, {priority: 2}]}, "
		"hugepageLimits: [{pageSize: 2}], blockio: {weightDevice: [{weight: 20}], "
		"throttleReadBpsDevice: [{}]}}",
		NULL);

	assert_json(find(b.config, "linux.resources.pids"), "{\"limit\":0}");
	assert_json(find(b.config, "linux.resources.network"),
		"{\"priorities\":[{\"name\":\"a\",\"priority\":0},{\"name\":\"\","
		"\"priority\":2}]}");
	assert_json(find(b.config, "linux.resources.hugepageLimits"),
		"[{\"pageSize\":\"2MB\",\"limit\":0}]");
	assert_json(find(b.config, "linux.resources.blockIO"),
		"{\"weightDevice\":[{\"major\":0,\"minor\":0,\"weight\":20}],"
		"\"throttleReadBpsDevice\":[{\"major\":0,\"minor\":0,\"rate\":0}]}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_the_supervisors_socket),
		cmocka_unit_test(test_namespaces),
		cmocka_unit_test(test_mounts),
		cmocka_unit_test(test_new_privileges),
		cmocka_unit_test(test_size_of_the_root),
		cmocka_unit_test(test_ids_of_its_own),
		cmocka_unit_test(test_binds_in_a_user_namespace),
		cmocka_unit_test(test_resources_that_are_not_given),
		cmocka_unit_test(test_steps_of_the_boot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
