/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tree/graft.h"

static void put(struct tree *t, const char *path, uint32_t mode, const char *text)
{
	const struct tree_meta meta = {.mode = mode, .uid = 7};
	CLEANUP(reader)
	struct reader *content = S_ISREG(mode) ? mem_reader_new(text, strlen(text)) : NULL;
	const char *target = S_ISLNK(mode) ? text : NULL;
	struct werr *err = NULL;

	assert_ok(tree_put(t, path, &meta, target, content, NULL, NULL, &err), err);
}

static void check_text(const struct tree *t, const char *path, const char *text)
{
	const struct tree_node *n = tree_find(t, path);
	CLEANUP(free) char *got = NULL;
	size_t size;

	assert_non_null(n);
	CLEANUP(reader) struct reader *r = tree_open_file(t, n);

	assert_int_equal(reader_read_all(r, 1000, &got, &size, NULL), 0);
	assert_string_equal(got, text);
}

static void test_later_wins_and_folders_join(ATTR_UNUSED void **state)
{
	CLEANUP(tree) struct tree *to = NULL;
	CLEANUP(tree) struct tree *from = NULL;
	struct werr *err = NULL;

	assert_ok(tree_new(&to, "/tmp", &err), err);
	assert_ok(tree_new(&from, "/tmp", &err), err);
	put(to, "etc/kept", S_IFREG | 0644, "kept");
	put(to, "etc/both", S_IFREG | 0644, "old");
	put(to, "lib", S_IFLNK | 0777, "usr/lib");
	put(from, "etc", S_IFDIR | 0700, NULL);
	put(from, "etc/both", S_IFREG | 0600, "new");
	put(from, "lib/x", S_IFREG | 0600, "x");
	assert_ok(tree_graft(to, from, &err), err);
	check_text(to, "etc/kept", "kept");
	check_text(to, "etc/both", "new");
	check_text(to, "lib/x", "x");
	assert_int_equal(tree_find(to, "etc")->meta.mode, S_IFDIR | 0700);
	assert_int_equal(tree_find(to, "etc/both")->meta.uid, 7);
}

static void test_hard_links_stay(ATTR_UNUSED void **state)
{
	CLEANUP(tree) struct tree *to = NULL;
	CLEANUP(tree) struct tree *from = NULL;
	struct werr *err = NULL;

	assert_ok(tree_new(&to, "/tmp", &err), err);
	assert_ok(tree_new(&from, "/tmp", &err), err);
	put(from, "b/one", S_IFREG | 0755, "program");
	assert_ok(tree_link(from, "a/two", tree_find(from, "b/one"), &err), err);
	assert_ok(tree_link(from, "c", tree_find(from, "b/one"), &err), err);
	assert_ok(tree_graft(to, from, &err), err);
	assert_ptr_equal(tree_find(to, "a/two")->file, tree_find(to, "b/one")->file);
	assert_ptr_equal(tree_find(to, "c")->file, tree_find(to, "b/one")->file);
	assert_int_equal(tree_find(to, "c")->file->links, 3);
	check_text(to, "c", "program");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_later_wins_and_folders_join),
		cmocka_unit_test(test_hard_links_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
