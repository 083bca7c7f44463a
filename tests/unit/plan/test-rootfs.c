/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "plan/rootfs.h"

static void put(struct tree *t, const char *path, uint32_t mode, const char *text)
{
	const struct tree_meta meta = {.mode = mode, .uid = 7};
	CLEANUP(reader)
	struct reader *content = S_ISREG(mode) ? mem_reader_new(text, strlen(text)) : NULL;
	const char *target = S_ISLNK(mode) ? text : NULL;
	struct werr *err = NULL;

	assert_ok(tree_put(t, path, &meta, target, content, NULL, NULL, &err), err);
}

static uint32_t mode_of(const struct tree *t, const char *path)
{
	const struct tree_node *n = tree_find(t, path);

	return n ? n->meta.mode : 0;
}

static void test_an_empty_image_gets_what_every_root_has(ATTR_UNUSED void **state)
{
	CLEANUP(tree) struct tree *t = NULL;
	struct werr *err = NULL;

	assert_ok(tree_new(&t, "/tmp", &err), err);
	assert_ok(rootfs_fix(t, ROOTFS_FOR_CONTAINER, &err), err);
	assert_int_equal(mode_of(t, "dev/pts"), S_IFDIR | 0755);
	assert_int_equal(mode_of(t, "dev/shm"), S_IFDIR | 0755);
	assert_int_equal(mode_of(t, "proc"), S_IFDIR | 0755);
	assert_int_equal(mode_of(t, "sys"), S_IFDIR | 0755);
	assert_int_equal(mode_of(t, "etc/hosts"), S_IFREG | 0644);
	assert_int_equal(mode_of(t, "etc/resolv.conf"), S_IFREG | 0644);
	assert_string_equal(tree_find(t, "etc/mtab")->target, "/proc/mounts");
}

static void test_an_init_image_gets_a_link_to_run(ATTR_UNUSED void **state)
{
	CLEANUP(tree) struct tree *t = NULL;
	struct werr *err = NULL;

	assert_ok(tree_new(&t, "/tmp", &err), err);
	put(t, "etc/resolv.conf", S_IFREG | 0644, "nameserver 1.2.3.4\n");
	assert_ok(rootfs_fix(t, ROOTFS_FOR_INIT, &err), err);
	assert_string_equal(tree_find(t, "etc/resolv.conf")->target, "/run/resolvconf/resolv.conf");
}

static void test_what_belongs_to_the_machine_goes(ATTR_UNUSED void **state)
{
	static const char *const gone[] = {
		".dockerenv", "Dockerfile", "dev/console", "etc/hostname"};
	CLEANUP(tree) struct tree *t = NULL;
	struct werr *err = NULL;

	assert_ok(tree_new(&t, "/tmp", &err), err);
	put(t, ".dockerenv", S_IFREG | 0644, "");
	put(t, "Dockerfile", S_IFREG | 0644, "FROM scratch\n");
	put(t, "dev/console", S_IFCHR | 0600, NULL);
	put(t, "etc/hostname", S_IFREG | 0644, "builder\n");
	put(t, "etc/hosts", S_IFLNK | 0777, "/somewhere");
	put(t, "etc/mtab", S_IFLNK | 0777, "elsewhere");
	assert_ok(rootfs_fix(t, ROOTFS_FOR_CONTAINER, &err), err);
	for (size_t i = 0; i < ARRAY_SIZE(gone); i++)
		assert_null(tree_find(t, gone[i]));
	assert_int_equal(mode_of(t, "etc/hosts"), S_IFREG | 0644);
	assert_string_equal(tree_find(t, "etc/mtab")->target, "elsewhere");
}

static void test_directories_keep_their_owner_and_links_become_directories(ATTR_UNUSED void **state)
{
	CLEANUP(tree) struct tree *t = NULL;
	struct werr *err = NULL;

	assert_ok(tree_new(&t, "/tmp", &err), err);
	put(t, "etc", S_IFDIR | 0700, NULL);
	put(t, "proc", S_IFLNK | 0777, "/");
	assert_ok(rootfs_fix(t, ROOTFS_FOR_CONTAINER, &err), err);
	assert_int_equal(mode_of(t, "etc"), S_IFDIR | 0700);
	assert_int_equal(tree_find(t, "etc")->meta.uid, 7);
	assert_int_equal(mode_of(t, "proc"), S_IFDIR | 0755);
}

static void test_an_etc_that_is_elsewhere_stays_there(ATTR_UNUSED void **state)
{
	CLEANUP(tree) struct tree *t = NULL;
	struct werr *err = NULL;

	assert_ok(tree_new(&t, "/tmp", &err), err);
	put(t, "private/etc/passwd", S_IFREG | 0644, "root");
	put(t, "private/etc/hostname", S_IFREG | 0644, "builder\n");
	put(t, "etc", S_IFLNK | 0777, "private/etc");
	assert_ok(rootfs_fix(t, ROOTFS_FOR_CONTAINER, &err), err);
	assert_int_equal(mode_of(t, "etc"), S_IFLNK | 0777);
	assert_int_equal(mode_of(t, "private/etc/passwd"), S_IFREG | 0644);
	assert_int_equal(mode_of(t, "private/etc/hosts"), S_IFREG | 0644);
	assert_null(tree_find(t, "private/etc/hostname"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_etc_that_is_elsewhere_stays_there),
		cmocka_unit_test(test_an_empty_image_gets_what_every_root_has),
		cmocka_unit_test(test_an_init_image_gets_a_link_to_run),
		cmocka_unit_test(test_what_belongs_to_the_machine_goes),
		cmocka_unit_test(test_directories_keep_their_owner_and_links_become_directories),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
