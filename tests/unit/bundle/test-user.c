/* SPDX-License-Identifier: Apache-2.0 */
/* Whom an image's USER means, and who wins over it. */
#include "made.h"
#include "bundle/user.h"

static const char passwd[] = "root:x:0:0:root:/root:/bin/sh\n"
			     "# a comment\n"
			     "\n"
			     "odd:x:zero:0::/:\n"
			     "short:x\n"
			     ":x:9:9::/:\n"
			     "web:x:33:30:Web:/srv:/bin/false\n"
			     "web:x:34:34:the second one::\n"
			     "1000:x:7:8::/:\n"
			     "last:x:1001:1002::";
static const char groups[] = "root:x:0:root\n"
			     "www:x:30:\n"
			     "log:x:4:syslog,web\n"
			     "bad:x:-1:web\n"
			     "webbers:x:5:webber,we\n"
			     "cdrom:x:24:last,web,root\n";

static char *resolve(const char *user, const char *passwd_text, const char *group_text)
{
	const struct user_file p = {passwd_text, passwd_text ? strlen(passwd_text) : 0};
	const struct user_file g = {group_text, group_text ? strlen(group_text) : 0};
	CLEANUP(user_ids) struct user_ids ids = {0};
	CLEANUP(buf) struct buf text = BUF_INIT(4096);
	CLEANUP(werr) struct werr *err = NULL;

	if (user_resolve(user, &p, &g, &ids, &err) < 0)
		return str_dup(err->message);
	buf_printf(&text, "%u:%u", ids.uid, ids.gid);
	for (size_t i = 0; i < ids.n_groups; i++)
		buf_printf(&text, " %u", ids.groups[i]);
	return buf_steal(&text);
}

static void test_forms(ATTR_UNUSED void **state)
{
	static const struct {
		const char *user, *ids;
	} cases[] = {
		{"web", "33:30 4 24"},
		{"33", "33:30 4 24"},
		{"web:", "33:30 4 24"},
		{"web:log", "33:4"},
		{"web:77", "33:77"},
		{"web:www", "33:30"},
		{"5:6", "5:6"},
		{"5", "5:0"},
		{"1000", "7:8"},
		{"last", "1001:1002 24"},
		{"root", "0:0 0 24"},
		{"0", "0:0 0 24"},
		{":log", "0:4"},
		{"4294967294:0", "4294967294:0"},
		{"odd", "the image's user 'odd' can't be found: its /etc/passwd has no user 'odd'"},
		{"short", "the image's user 'short' can't be found: "
			  "its /etc/passwd has no user 'short'"},
		{"nobody", "the image's user 'nobody' can't be found: "
			   "its /etc/passwd has no user 'nobody'"},
		{"web:nogroup",
			"the image's user 'web:nogroup' can't be found: its /etc/group has no "
			"group 'nogroup'"},
		{"4294967295",
			"the image's user '4294967295' can't be found: its /etc/passwd has no user "
			"'4294967295'"},
		{"-1", "the image's user '-1' can't be found: its /etc/passwd has no user '-1'"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(free) char *ids = resolve(cases[i].user, passwd, groups);

		assert_string_equal(ids, cases[i].ids);
	}
}

static void test_without_files_only_numbers_are_known(ATTR_UNUSED void **state)
{
	CLEANUP(free) char *number = resolve("5", NULL, NULL);
	CLEANUP(free) char *name = resolve("web", NULL, NULL);

	assert_string_equal(number, "5:0");
	assert_non_null(strstr(name, "can't be found"));
	assert_false(user_needs_files("5:6"));
	assert_true(user_needs_files("5"));
	assert_true(user_needs_files("5:log"));
	assert_true(user_needs_files("web:6"));
}

/* ---- in config.json ---- */

static int read_file(const char *path, size_t max, char **ret, size_t *ret_size, void *ctx,
	ATTR_UNUSED struct werr **err)
{
	const char *text = str_eq(path, "etc/passwd") ? passwd : groups;

	++*(unsigned *)ctx;
	assert_true(strlen(text) < max);
	*ret = str_dup(text);
	*ret_size = strlen(text);
	return 0;
}

static void assert_user(
	const char *keys, const char *label, const char *user, bool compat, const char *expected)
{
	unsigned reads = 0;
	const struct bundle_image_files image_files = {read_file, &reads};
	const struct config_options options = {.compat = compat};
	CLEANUP(free) char *text = str_printf("services: [{name: a, image: i, %s}]", keys);
	CLEANUP(free) char *value = str_dup(label);
	CLEANUP(free) char *name = str_dup(user);
	struct annotation labels[] = {{(char[]){"org.mobyproject.config"}, value}};
	const struct image_config image = {
		.labels = labels, .n_labels = label ? 1 : 0, .user = name};
	struct config_text t = {"os.yml", text, strlen(text)};
	CLEANUP(config) struct config *c = NULL;
	CLEANUP(bundle) struct bundle *k = NULL;
	CLEANUP(document) struct document *d = NULL;
	struct werr *err = NULL;

	assert_ok(config_load_texts(&t, 1, &options, &c, &err), err);
	assert_ok(bundle_make(c, c->containers, &image, &image_files, NULL, &k, &err), err);
	d = must_parse("config.json", k->config_json);
	assert_json(find(d, "process.user"), expected);
	if (strstr(expected, "\"uid\":0,") || str_eq(user, "5:6"))
		assert_int_equal(reads, 0); /* nobody needs them */
}

static void test_who_wins(ATTR_UNUSED void **state)
{
	assert_user("env: []", NULL, "web", false,
		"{\"uid\":33,\"gid\":30,\"additionalGids\":[30,4,24]}");
	assert_user("env: []", NULL, "5:6", false, "{\"uid\":5,\"gid\":6,\"additionalGids\":[6]}");
	assert_user("env: []", NULL, "", false, "{\"uid\":0,\"gid\":0,\"additionalGids\":[0]}");
	assert_user("env: []", NULL, "web", true, "{\"uid\":0,\"gid\":0}");
	assert_user("uid: 9", NULL, "web", false, "{\"uid\":9,\"gid\":0,\"additionalGids\":[0]}");
	assert_user("uid: 0", NULL, "web", false, "{\"uid\":0,\"gid\":0,\"additionalGids\":[0]}");
	assert_user("env: []", "{\"uid\": 8}", "web", false,
		"{\"uid\":8,\"gid\":0,\"additionalGids\":[0]}");
	assert_user(
		"gid: 9", NULL, "web", false, "{\"uid\":33,\"gid\":9,\"additionalGids\":[9,4,24]}");
	assert_user("additionalGids: [1]", NULL, "web", false,
		"{\"uid\":33,\"gid\":30,\"additionalGids\":[30,1]}");
	assert_user("additionalGids: []", NULL, "web", false,
		"{\"uid\":33,\"gid\":30,\"additionalGids\":[30]}");
}

static void test_stop_signal_of_the_image(ATTR_UNUSED void **state)
{
	CLEANUP(config) struct config *c = must_load("services: [{name: a, image: i}]");
	struct image_config image = {.stop_signal = (char[]){"3"}};
	CLEANUP(made) struct made quit = must_make(c, &image, NULL);

	assert_json(find(quit.runtime, "wherry"), "{\"stop-signal\":\"SIGQUIT\"}");
	image.stop_signal = (char[]){"SIGTERM"};
	{
		CLEANUP(made) struct made term = must_make(c, &image, NULL);

		assert_json(find(term.runtime, "wherry"), "-");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_without_files_only_numbers_are_known),
		cmocka_unit_test(test_who_wins),
		cmocka_unit_test(test_stop_signal_of_the_image),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
