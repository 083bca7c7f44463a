/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "common/mount.h"

/* options are separated by commas; data is what remains for the file system. */
static void check(
	const char *options, unsigned long flags, unsigned long propagation, const char *data)
{
	CLEANUP(mount_options) struct mount_options o = {0};
	CLEANUP(strv) struct strv list = {0};
	struct werr *err = NULL;

	strv_split(&list, options, ',');
	assert_ok(mount_options_parse(&list, &o, &err), err);
	assert_int_equal(o.flags, flags);
	assert_int_equal(o.propagation, propagation);
	assert_string_equal(o.data, data);
}

static void test_flags_and_data(ATTR_UNUSED void **state)
{
	check("nosuid,nodev,mode=755,size=64k", MS_NOSUID | MS_NODEV, 0, "mode=755,size=64k");
	check("rbind,ro", MS_BIND | MS_REC | MS_RDONLY, 0, "");
	check("lowerdir=/l,upperdir=/u,workdir=/w", 0, 0, "lowerdir=/l,upperdir=/u,workdir=/w");
}

static void test_the_last_of_two_counts(ATTR_UNUSED void **state)
{
	check("ro,rw", 0, 0, "");
	check("exec,noexec", MS_NOEXEC, 0, "");
}

static void test_propagation_is_separate(ATTR_UNUSED void **state)
{
	check("remount,private", MS_REMOUNT, MS_PRIVATE, "");
	check("bind,rshared", MS_BIND, MS_SHARED | MS_REC, "");
}

static void test_loop_is_refused(ATTR_UNUSED void **state)
{
	struct mount_options o;
	CLEANUP(strv) struct strv list = {0};
	struct werr *err = NULL;

	strv_add(&list, "loop");
	assert_fails(mount_options_parse(&list, &o, &err), err, WERR_UNSUPPORTED, "loop");
}

static void test_nothing_is_created_for_a_missing_source(ATTR_UNUSED void **state)
{
	CLEANUP(free) char *dir = NULL, *destination = NULL;
	CLEANUP(strv) struct strv options = {0};
	struct werr *err = NULL;

	assert_ok(file_temp_dir("/tmp", "wherry-test", &dir, &err), err);
	destination = path_join(dir, "there");
	strv_add(&options, "bind");
	assert_int_equal(
		mount_on("/proc/1/ns/nothing", destination, NULL, &options, &err), -ENOENT);
	werr_free(err);
	assert_false(file_exists(destination));
	file_remove_all(dir, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_flags_and_data),
		cmocka_unit_test(test_the_last_of_two_counts),
		cmocka_unit_test(test_propagation_is_separate),
		cmocka_unit_test(test_loop_is_refused),
		cmocka_unit_test(test_nothing_is_created_for_a_missing_source),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
