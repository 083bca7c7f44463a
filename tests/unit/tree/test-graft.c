/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "layer-maker.h"
#include "tree-text.h"
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

static void test_later_wins_and_directories_join(ATTR_UNUSED void **state)
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
	assert_ok(tree_graft(to, "", from, &err), err);
	check_text(to, "etc/kept", "kept");
	check_text(to, "etc/both", "new");
	check_text(to, "usr/lib/x", "x");
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
	assert_ok(tree_graft(to, "", from, &err), err);
	assert_ptr_equal(tree_find(to, "a/two")->file, tree_find(to, "b/one")->file);
	assert_ptr_equal(tree_find(to, "c")->file, tree_find(to, "b/one")->file);
	assert_int_equal(tree_find(to, "c")->file->links, 3);
	check_text(to, "c", "program");
}

/* Only the names that were links in `from` are links in `to`. */
static void test_links_stay_distinct_from_their_targets(ATTR_UNUSED void **state)
{
	static const struct item items[] = {
		{"b", 0, "x"}, {"a", '1', "b"}, {"c", '1', "a"}, {NULL}};
	CLEANUP(tree) struct tree *to = NULL;
	CLEANUP(tree) struct tree *from = NULL;
	struct werr *err = NULL;

	assert_ok(tree_new(&to, "/tmp", &err), err);
	assert_ok(tree_new(&from, "/tmp", &err), err);
	assert_ok(apply_items(from, items, &err), err);
	assert_ok(tree_graft(to, "", from, &err), err);
	assert_non_null(tree_find(to, "a")->link);
	assert_null(tree_find(to, "b")->link);
	assert_non_null(tree_find(to, "c")->link);
}

static void test_a_prefix_is_where_the_tree_goes(ATTR_UNUSED void **state)
{
	static const struct item items[] = {{"./", '5', NULL, 0700}, {"bin", '2', "usr/bin"},
		{"usr/bin/ls", 0, "lists"}, {"usr/bin/dir", '1', "usr/bin/ls"}, {"etc/a", 0, "new"},
		{NULL}};
	CLEANUP(tree) struct tree *to = NULL;
	struct werr *err = NULL;

	assert_ok(tree_new(&to, "/tmp", &err), err);
	put(to, "etc/a", S_IFREG | 0644, "outside");
	put(to, "c", S_IFLNK | 0777, "containers/x");
	put(to, "containers/x/lower/etc/a", S_IFREG | 0644, "old");
	for (int i = 0; i < 2; i++) {
		CLEANUP(tree) struct tree *from = NULL;

		assert_ok(tree_new(&from, "/tmp", &err), err);
		assert_ok(apply_items(from, items, &err), err);
		assert_ok(tree_graft(to, i ? "new/place" : "c/lower", from, &err), err);
	}
	assert_tree(to,
		"l777 c -> containers/x\nd755 containers\nd755 containers/x\n"
		"d755 containers/x/lower\n"
		"l644 containers/x/lower/bin -> usr/bin\n"
		"d755 containers/x/lower/etc\n-644 containers/x/lower/etc/a [new]\n"
		"d755 containers/x/lower/usr\nd755 containers/x/lower/usr/bin\n"
		"-644 containers/x/lower/usr/bin/dir [lists] x2\n"
		"-644 containers/x/lower/usr/bin/ls [lists] x2\n"
		"d755 etc\n-644 etc/a [outside]\n"
		"d755 new\nd755 new/place\nl644 new/place/bin -> usr/bin\n"
		"d755 new/place/etc\n-644 new/place/etc/a [new]\n"
		"d755 new/place/usr\nd755 new/place/usr/bin\n"
		"-644 new/place/usr/bin/dir [lists] x2\n-644 new/place/usr/bin/ls [lists] x2\n");
}

/* Trees merged one after the other, as init images and the files of the configuration are. */
static const struct {
	const char *what;
	struct item layers[3][8];
	const char *text;  /* the resulting tree; NULL: the merge fails */
	const char *error; /* part of the message when it fails */
} merges[] = {
	/* clang-format off */
	{"a symlink over a directory: the contents move to where it leads", {
		{{"lib/", '5', NULL, 0700}, {"lib/modules/6.1/x.ko", 0, "ko"}},
		{{"lib", '2', "usr/lib"}, {"usr/lib/", '5'}, {"usr/lib/libc", 0, "c"}}},
		"l644 lib -> usr/lib\nd755 usr\nd755 usr/lib\n-644 usr/lib/libc [c]\n"
		"d755 usr/lib/modules\nd755 usr/lib/modules/6.1\n"
		"-644 usr/lib/modules/6.1/x.ko [ko]\n", NULL},
	{"a directory over a symlink: the contents go to where that leads", {
		{{"lib", '2', "usr/lib"}, {"usr/lib/libc", 0, "c"}},
		{{"lib/", '5', NULL, 0700}, {"lib/modules/x.ko", 0, "ko"}}},
		"l644 lib -> usr/lib\nd755 usr\nd700 usr/lib\n-644 usr/lib/libc [c]\n"
		"d755 usr/lib/modules\n"
		"-644 usr/lib/modules/x.ko [ko]\n", NULL},
	{"the same when the symlink is absolute, and its target does not exist yet", {
		{{"sbin", '2', "/usr/sbin"}}, {{"sbin/", '5', NULL, 0711}, {"sbin/init", 0, "i"}}},
		"l644 sbin -> /usr/sbin\nd755 usr\nd711 usr/sbin\n-644 usr/sbin/init [i]\n", NULL},
	{"the same when it replaces a directory that is not empty", {
		{{"sbin/", '5', NULL, 0711}, {"sbin/init", 0, "i"}}, {{"sbin", '2', "usr/sbin"}}},
		"l644 sbin -> usr/sbin\nd755 usr\nd711 usr/sbin\n-644 usr/sbin/init [i]\n", NULL},
	{"files in both places: that of the later image stays", {
		{{"usr/lib/a", 0, "first"}, {"usr/lib/b", 0, "first"}},
		{{"lib/a", 0, "second"}, {"lib/d/e", 0, "second"}, {"lib/l", '2', "a"}},
		{{"lib", '2', "usr/lib"}, {"usr/lib/b", 0, "third"}, {"usr/lib/d/f", 0, "third"}}},
		"l644 lib -> usr/lib\nd755 usr\nd755 usr/lib\n-644 usr/lib/a [second]\n"
		"-644 usr/lib/b [third]\n"
		"d755 usr/lib/d\n-644 usr/lib/d/e [second]\n-644 usr/lib/d/f [third]\n"
		"l644 usr/lib/l -> a\n", NULL},
	{"files in both places: an earlier one does not replace a later one", {
		{{"lib/a", 0, "first"}}, {{"usr/lib/a", 0, "second"}}, {{"lib", '2', "usr/lib"}}},
		"l644 lib -> usr/lib\nd755 usr\nd755 usr/lib\n-644 usr/lib/a [second]\n", NULL},
	{"two symlinks, one through the other", {
		{{"lib/a", 0, "1"}, {"usr/lib/b", 0, "2"}, {"usr/c", 0, "3"}},
		{{"lib", '2', "usr/lib"}, {"usr", '2', "sys/usr"}}},
		"l644 lib -> usr/lib\nd755 sys\nd755 sys/usr\n-644 sys/usr/c [3]\n"
		"d755 sys/usr/lib\n-644 sys/usr/lib/a [1]\n"
		"-644 sys/usr/lib/b [2]\nl644 usr -> sys/usr\n", NULL},
	{"hard links move along", {
		{{"lib/a", 0, "1"}, {"b", '1', "lib/a"}, {"lib/c", '1', "b"}},
		 {{"lib", '2', "usr/lib"}}},
		"-644 b [1] x3\nl644 lib -> usr/lib\nd755 usr\nd755 usr/lib\n"
		"-644 usr/lib/a [1] x3\n-644 usr/lib/c [1] x3\n", NULL},
	{"a symlink over an empty directory, a file over a file, a directory over a file", {
		{{"a/", '5'}, {"b", 0, "1"}, {"c", 0, "2"}},
		 {{"a", '2', "nowhere"}, {"b", 0, "2"}, {"c/d", 0, "3"}}},
		"l644 a -> nowhere\n-644 b [2]\nd755 c\n-644 c/d [3]\n", NULL},
	{"a directory implied by its files changes nothing", {
		{{"tmp/", '5', NULL, 01777}}, {{"tmp/x", 0, "1"}}},
		"d1777 tmp\n-644 tmp/x [1]\n", NULL},
	{"a file over a directory that is not empty", {{{"a/b", 0, "1"}}, {{"a", 0, "2"}}}, NULL,
		"a is a directory that is not empty"},
	{"a symlink to itself over a directory that is not empty",
		{{{"a/b", 0, "1"}}, {{"a", '2', "a"}}}, NULL, "more than 40"},
	{"a symlink into its own directory", {{{"a/b", 0, "1"}}, {{"a", '2', "a/c"}}}, NULL,
		"more than 40"},
	{"two symlinks to each other", {{{"lib/b", 0, "1"}, {"usr/lib", '2', "../lib"}},
		{{"lib", '2', "usr/lib"}}}, NULL,
		"more than 40"},
	{"a symlink to a file over a directory that is not empty",
		{{{"a/b", 0, "1"}, {"f", 0, "2"}}, {{"a", '2', "f"}}}, NULL,
		"symlink to f, which is not a directory"},
	{"a directory over a symlink to a file",
		{{{"a", '2', "f"}, {"f", 0, "2"}}, {{"a/b", 0, "1"}}}, NULL,
		"symlink to f, which is not a directory"},
	{"a directory that meets a file where a symlink leads", {
		{{"lib/a/b", 0, "1"}, {"usr/lib/a", 0, "2"}}, {{"lib", '2', "usr/lib"}}}, NULL,
		"usr/lib/a, which is not a directory"},
	/* clang-format on */
};

static int graft_all(struct tree *to, const struct item layers[3][8], struct werr **err)
{
	int r = 0;

	for (uint32_t i = 0; r == 0 && i < 3; i++) {
		CLEANUP(tree) struct tree *from = NULL;

		assert_ok(tree_new(&from, "/tmp", err), *err);
		assert_ok(apply_items(from, layers[i], err), *err);
		to->origin = i;
		r = tree_graft(to, "", from, err);
	}
	return r;
}

static void test_merges(ATTR_UNUSED void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(merges); i++) {
		CLEANUP(tree) struct tree *to = NULL;
		CLEANUP(free) char *text = NULL;
		struct werr *err = NULL;
		int r;

		assert_ok(tree_new(&to, "/tmp", &err), err);
		r = graft_all(to, merges[i].layers, &err);
		if (!merges[i].text) {
			assert_fails(r, err, r == -EBADMSG ? WERR_CORRUPT : WERR_INVALID,
				merges[i].error);
			continue;
		}
		if (r < 0)
			fail_msg("%s: %s", merges[i].what, err->message);
		text = tree_text(to);
		if (!str_eq(text, merges[i].text))
			fail_msg("%s:\n%sinstead of:\n%s", merges[i].what, text, merges[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_merges),
		cmocka_unit_test(test_later_wins_and_directories_join),
		cmocka_unit_test(test_hard_links_stay),
		cmocka_unit_test(test_links_stay_distinct_from_their_targets),
		cmocka_unit_test(test_a_prefix_is_where_the_tree_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
