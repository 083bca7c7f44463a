/* SPDX-License-Identifier: Apache-2.0 */
/* Who gets which profile, what the default one says, and profiles in files. */
#include "made.h"
#include "bundle/seccomp.h"
#include "config/check.h"

/* The action for a call without regard to arguments: of the rule without any, else "-". */
static const char *action_of(const struct node *profile, const char *call)
{
	const struct node *rules = node_get(profile, "syscalls");

	for (size_t i = 0; i < rules->n; i++) {
		const struct node *names = node_get(rules->items[i], "names");

		for (size_t k = 0; k < names->n; k++)
			if (str_eq(names->items[k]->text, call) &&
				!node_get(rules->items[i], "args"))
				return node_get_text(rules->items[i], "action");
	}
	return "-";
}

static void assert_profile(const char *keys, const char *label, bool there)
{
	CLEANUP(made) struct made b = make_service(keys, label);

	assert_int_equal(find(b.config, "linux.seccomp") != NULL, there);
	assert_null(find(b.runtime, "wherry"));
}

static void test_who_gets_it(ATTR_UNUSED void **state)
{
	assert_profile("env: []", NULL, true);
	assert_profile("capabilities: [CAP_SYS_ADMIN]", NULL, true);
	assert_profile("capabilities: [All]", NULL, false);
	assert_profile("env: []", "{\"capabilities\": [\"all\"]}", false);
	assert_profile("capabilities: []", "{\"capabilities\": [\"all\"]}", true);
	assert_profile("wherry: {seccomp: none}", NULL, false);
	assert_profile("env: []", "{\"wherry\": {\"seccomp\": \"none\"}}", false);
	assert_profile("wherry: {seccomp: default}", "{\"wherry\": {\"seccomp\": \"none\"}}", true);
	assert_profile("capabilities: [all], wherry: {seccomp: default}", NULL, true);
}

static void test_not_at_boot_and_not_for_linuxkit(ATTR_UNUSED void **state)
{
	static const char text[] = "services: [{name: a, image: i}]";
	const struct config_options compat = {.compat = true};
	struct config_text t = {"os.yml", text, strlen(text)};
	struct image_config image = {0};
	CLEANUP(config) struct config *boot = must_load("onboot: [{name: a, image: i}]");
	CLEANUP(config) struct config *linuxkit = NULL;
	CLEANUP(made) struct made onboot = must_make(boot, &image, NULL);
	struct werr *err = NULL;

	assert_ok(config_load_texts(&t, 1, &compat, &linuxkit, &err), err);
	{
		CLEANUP(made) struct made b = must_make(linuxkit, &image, NULL);

		assert_null(find(b.config, "linux.seccomp"));
	}
	assert_null(find(onboot.config, "linux.seccomp"));
}

static void test_privileges(ATTR_UNUSED void **state)
{
	static const struct {
		const char *capability, *call;
	} cases[] = {{"CAP_SYS_ADMIN", "mount"}, {"CAP_SYS_ADMIN", "clone3"}, {"CAP_BPF", "bpf"},
		{"CAP_SYS_TIME", "clock_settime"}, {"CAP_SYS_MODULE", "finit_module"},
		{"CAP_SYS_BOOT", "reboot"}, {"CAP_SYS_PTRACE", "pidfd_getfd"},
		{"CAP_PERFMON", "perf_event_open"}, {"CAP_SYS_CHROOT", "chroot"},
		{"CAP_DAC_READ_SEARCH", "open_by_handle_at"}, {"CAP_SYSLOG", "syslog"},
		{"CAP_SYS_RAWIO", "iopl"}, {"CAP_SYS_NICE", "mbind"}, {"CAP_SYS_PACCT", "acct"},
		{"CAP_SYS_TTY_CONFIG", "vhangup"}};
	CLEANUP(made) struct made none = make_service("env: []", NULL);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(free) char *keys = str_printf("ambient: [%s]", cases[i].capability);
		CLEANUP(made) struct made b = make_service(keys, NULL);

		assert_string_equal(action_of(find(b.config, "linux.seccomp"), cases[i].call),
			"SCMP_ACT_ALLOW");
		/* clone3 must not be refused but unknown: else no thread starts. */
		assert_string_equal(action_of(find(none.config, "linux.seccomp"), cases[i].call),
			str_eq(cases[i].call, "clone3") ? "-" : "SCMP_ACT_ERRNO");
	}
	assert_string_equal(
		action_of(find(none.config, "linux.seccomp"), "keyctl"), "SCMP_ACT_ERRNO");
	assert_string_equal(
		action_of(find(none.config, "linux.seccomp"), "openat"), "SCMP_ACT_ALLOW");
	assert_json(find(none.config, "linux.seccomp.defaultErrnoRet"), "38");
}

static char *default_profile(const char *arch, uint64_t capabilities)
{
	CLEANUP(buf) struct buf out = BUF_INIT(1 << 20);
	struct json_writer w = JSON_WRITER(&out, 0);

	seccomp_write_default(&w, arch, capabilities);
	return buf_steal(&out);
}

static void test_architectures(ATTR_UNUSED void **state)
{
	CLEANUP(free) char *amd64 = default_profile("amd64", 0);
	CLEANUP(free) char *riscv64 = default_profile("riscv64", 0);
	CLEANUP(free) char *s390x = default_profile("s390x", 0);

	assert_non_null(
		strstr(amd64, "\"architectures\":[\"SCMP_ARCH_X86_64\",\"SCMP_ARCH_X86\"]"));
	assert_non_null(strstr(riscv64, "\"architectures\":[\"SCMP_ARCH_RISCV64\"]"));
	/* What no row names runs the machine's own calls only, as libseccomp does by itself. */
	assert_null(strstr(s390x, "architectures"));
	assert_non_null(strstr(riscv64,
		"[\"clone\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,"
		"\"value\":2114060288,\"valueTwo\":0,\"op\":\"SCMP_CMP_MASKED_EQ\"}]"));
	assert_non_null(
		strstr(s390x, "[\"clone\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":1,"));
}

/* Is a call with this first argument allowed? Rules with arguments only, which are masks or values.
 */
static bool allows(const struct node *profile, const char *call, uint64_t argument)
{
	const struct node *rules = node_get(profile, "syscalls");

	for (size_t i = 0; i < rules->n; i++) {
		const struct node *args = node_get(rules->items[i], "args");
		uint64_t value = 0, two = 0;

		if (!args || !str_eq(node_get(rules->items[i], "names")->items[0]->text, call) ||
			!str_eq(node_get_text(rules->items[i], "action"), "SCMP_ACT_ALLOW"))
			continue;
		node_to_u64(node_get(args->items[0], "value"), &value);
		if (node_get(args->items[0], "valueTwo"))
			node_to_u64(node_get(args->items[0], "valueTwo"), &two);
		if (str_eq(node_get_text(args->items[0], "op"), "SCMP_CMP_MASKED_EQ")
				? (argument & value) == two
				: argument == value)
			return true;
	}
	return false;
}

static void test_families_of_sockets(ATTR_UNUSED void **state)
{
	CLEANUP(free) char *text = default_profile("amd64", 0);
	CLEANUP(document) struct document *d = must_parse("profile", text);

	for (uint64_t family = 0; family < 64; family++) {
		const bool closed = family == 38 || family == 40;

		assert_int_equal(allows(d->root, "socket", family), !closed);
		/* The kernel does not look at the upper half. */
		assert_int_equal(allows(d->root, "socket", (UINT64_C(1) << 32) + family), !closed);
	}
	assert_string_equal(action_of(d->root, "socket"), "-");
	assert_string_equal(action_of(d->root, "socketcall"), "SCMP_ACT_ERRNO");
	assert_string_equal(action_of(d->root, "ptrace"), "SCMP_ACT_ALLOW");
	assert_string_equal(action_of(d->root, "process_vm_readv"), "SCMP_ACT_ALLOW");
}

/* Our own profile passes our own check. */
static void test_default_profile_is_valid(ATTR_UNUSED void **state)
{
	CLEANUP(free) char *text = default_profile("arm64", 1);
	CLEANUP(document) struct document *d = must_parse("profile", text);
	CLEANUP(checker) struct checker checker = CHECKER_INIT;
	struct werr *err = NULL;

	check_map(&checker, &schema_seccomp, d->root);
	assert_ok(checker_finish(&checker, &err), err);
}

/* ---- files ---- */

static int read_profile(
	const char *name, char **ret, size_t *ret_size, void *ctx, struct werr **err)
{
	if (!str_eq(name, "dir/own.json"))
		return werr_set(err, WERR_NOT_FOUND, "no file %s", name);
	*ret = str_dup(ctx);
	*ret_size = strlen(ctx);
	return 0;
}

static int load_with(
	const char *profile, const char *seccomp, struct config **ret, struct werr **err)
{
	CLEANUP(free)
	char *text = str_printf("services:\n"
				"- {name: a, image: i, wherry: {seccomp: %s}}\n"
				"- {name: b, image: i, wherry: {seccomp: %s}}\n",
		seccomp, seccomp);
	struct config_options o = {.read = read_profile, .ctx = (void *)(uintptr_t)profile};
	struct config_text t = {"dir/os.yml", text, strlen(text)};

	return config_load_texts(&t, 1, &o, ret, err);
}

static void test_own_profile(ATTR_UNUSED void **state)
{
	static const char profile[] =
		"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"bpf\"],"
		"\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":1,\"args\":[{\"index\":0,"
		"\"value\":18446744073709551615,\"op\":\"SCMP_CMP_NE\"}]}]}";
	struct image_config image = {0};
	CLEANUP(config) struct config *c = NULL;
	struct werr *err = NULL;

	assert_ok(load_with(profile, "own.json", &c, &err), err);
	for (; c->n_containers > 0; c->n_containers--) {
		CLEANUP(made) struct made b = must_make(c, &image, NULL);

		assert_json(find(b.config, "linux.seccomp"), profile);
	}
	c->n_containers = 2;
}

static void test_mistakes(ATTR_UNUSED void **state)
{
	static const struct {
		const char *profile, *seccomp, *place, *message;
	} cases[] = {
		{"{}", "own.json", "dir/own.json:1:1", "profile has no 'defaultAction'"},
		{"[]", "own.json", "dir/own.json:1:1", "expected a map, not a list"},
		{"{", "own.json", "dir/own.json:1:2", "not valid JSON"},
		{"{\"defaultAction\": \"SCMP_ACT_ALLW\"}", "own.json", "dir/own.json:1:19",
			"did you mean 'SCMP_ACT_ALLOW'?"},
		{"{\"defaultAction\": \"SCMP_ACT_NOTIFY\"}", "own.json", "dir/own.json:1:19",
			"unknown value 'SCMP_ACT_NOTIFY'"},
		{"{\"defaultAction\": \"SCMP_ACT_LOG\", \"syscals\": []}", "own.json",
			"dir/own.json:1:35", "unknown key 'syscals'"},
		{"{\"defaultAction\": \"SCMP_ACT_LOG\", \"syscalls\": [{\"names\": [], \"action\": "
		 "\"SCMP_ACT_LOG\"}]}",
			"own.json", "dir/own.json:1:58", "names must not be empty"},
		{"{}", "other.json", "dir/os.yml:2:41", "no file dir/other.json"},
		{"{}", "defualt", "dir/os.yml:2:41",
			"unknown value 'defualt'; did you mean 'default'?"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(werr) struct werr *err = NULL;
		CLEANUP(free) char *place = NULL;
		struct config *c = NULL;

		assert_true(load_with(cases[i].profile, cases[i].seccomp, &c, &err) < 0);
		place = str_printf("%s:%u:%u", err->file, err->line, err->column);
		if (!str_eq(place, cases[i].place) || !strstr(err->message, cases[i].message))
			fail_msg("%s: %s: %s", cases[i].profile, place, err->message);
	}
}

static void test_an_image_names_no_files(ATTR_UNUSED void **state)
{
	CLEANUP(config) struct config *c = must_load("services: [{name: a, image: i}]");
	struct annotation label = {(char[]){"org.mobyproject.config"},
		(char[]){"{\"wherry\": {\"seccomp\": \"own.json\"}}"}};
	struct image_config image = {.labels = &label, .n_labels = 1};
	struct bundle *k = NULL;
	struct werr *err = NULL;

	assert_fails(bundle_make(c, c->containers, &image, NULL, NULL, &k, &err), err, WERR_INVALID,
		"unknown value 'own.json'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_who_gets_it),
		cmocka_unit_test(test_not_at_boot_and_not_for_linuxkit),
		cmocka_unit_test(test_privileges),
		cmocka_unit_test(test_architectures),
		cmocka_unit_test(test_families_of_sockets),
		cmocka_unit_test(test_default_profile_is_valid),
		cmocka_unit_test(test_own_profile),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_an_image_names_no_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
