/* SPDX-License-Identifier: Apache-2.0 */
/* What the small programs of components make of their arguments and of lines. */
#include "check.h"

#include <string.h>

#include "base/mem.h"
#include "common/mounted.h"
#include "tools/modprobe.h"
#include "tools/mountie.h"

static void test_modules_and_their_parameters(ATTR_UNUSED void **state)
{
	CLEANUP(strv) struct strv words = {0}, texts = {0}, wrong = {0};
	struct load_name names[8];
	struct werr *err = NULL;
	size_t n = 0;

	strv_split(&words, "loop nf_conntrack hashsize=4096 acct=1 fs-overlay", ' ');
	assert_ok(modprobe_parse(&words, names, &n, &texts, &err), err);
	assert_int_equal(n, 3);
	assert_string_equal(names[0].parameters, "");
	assert_string_equal(names[1].name, "nf_conntrack");
	assert_string_equal(names[1].parameters, "hashsize=4096 acct=1");
	assert_string_equal(names[2].name, "fs-overlay");
	strv_split(&wrong, "a=1 loop", ' ');
	assert_fails(modprobe_parse(&wrong, names, &n, &texts, &err), err, WERR_USAGE,
		"the parameter a=1 is before any module");
}

static int mountie(const char *line, struct strv *argv, struct strv *words, struct mountie *ret,
	struct werr **err)
{
	strv_split(argv, line, ' ');
	return mountie_parse((int)argv->n, argv->items, words, ret, err);
}

static void test_what_to_mount(ATTR_UNUSED void **state)
{
	static const struct {
		const char *line, *what;
	} cases[] = {
		{"mountie /var/lib/docker", NULL},
		{"mountie -label data /var/lib/docker", "LABEL=data"},
		{"mountie --uuid=1-2 /var/lib/docker", "UUID=1-2"},
		{"mountie -device /dev/sda1 /var/lib/docker", "/dev/sda1"},
		{"mountie /dev/mapper/x /var/lib/docker", "/dev/mapper/x"},
		{"mountie -label data LABEL=more /var/lib/docker", "LABEL=more"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(strv) struct strv argv = {0}, words = {0};
		CLEANUP(mountie) struct mountie m = {0};
		struct werr *err = NULL;

		assert_ok(mountie(cases[i].line, &argv, &words, &m, &err), err);
		assert_string_equal(m.mountpoint, "/var/lib/docker");
		assert_int_equal(m.what == NULL, cases[i].what == NULL);
		if (m.what)
			assert_string_equal(m.what, cases[i].what);
	}
}

static void test_what_cannot_be_mounted(ATTR_UNUSED void **state)
{
	static const struct {
		const char *line, *message;
	} cases[] = {
		{"mountie", "no mount point is named"},
		{"mountie a b c", "'c' is one word too many"},
		{"mountie var", "does not begin with a slash"},
		{"mountie sda1 /var", "'sda1' is not a device"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(strv) struct strv argv = {0}, words = {0};
		CLEANUP(mountie) struct mountie m = {0};
		struct werr *err = NULL;

		assert_fails(mountie(cases[i].line, &argv, &words, &m, &err), err, WERR_USAGE,
			cases[i].message);
	}
}

static void test_lines_of_mountinfo(ATTR_UNUSED void **state)
{
	struct mounted m;

	assert_true(mounted_parse(
		"36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 shared:7 - ext3 /dev/root rw", &m));
	assert_int_equal(m.id, 36);
	assert_true(m.shared);
	assert_false(m.root);
	assert_true(mounted_parse("21 1 0:2 / / rw - overlay shared:1 rw", &m));
	assert_false(m.shared);
	assert_true(m.root);
	assert_false(mounted_parse("", &m));
	assert_false(mounted_parse("x 1 0:2 / / rw - tmpfs tmpfs rw", &m));
	assert_false(mounted_parse("21 1 0:2 / /", &m));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_modules_and_their_parameters),
		cmocka_unit_test(test_what_to_mount),
		cmocka_unit_test(test_what_cannot_be_mounted),
		cmocka_unit_test(test_lines_of_mountinfo),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
