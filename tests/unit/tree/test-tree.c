/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "layer-maker.h"
#include "tree-text.h"
#include "tree/tree-impl.h"

static const struct tree_meta file = {.mode = S_IFREG | 0644, .mtime = 5};
static const struct tree_meta dir = {.mode = S_IFDIR | 0750};
static const struct tree_meta symlink_meta = {.mode = S_IFLNK | 0777};

static int new_tree(void **state)
{
	return tree_new((struct tree **)state, "/tmp", NULL);
}

static int free_tree(void **state)
{
	tree_free(*state);
	return 0;
}

static struct tree_node *put(struct tree *t, const char *path, const struct tree_meta *m,
	const char *text, const struct tree_meta *dirs)
{
	CLEANUP(reader) struct reader *r = text ? mem_reader_new(text, strlen(text)) : NULL;
	struct tree_node *n = NULL;
	struct werr *err = NULL;

	assert_ok(tree_put(t, path, m, text, r, dirs, &n, &err), err);
	return n;
}

static void test_put(void **state)
{
	struct tree *t = *state;
	const struct tree_node *n = put(t, "/a/./b//f", &file, "one", NULL);
	CLEANUP(free) char *path = tree_path(n);

	assert_string_equal(path, "a/b/f");
	assert_int_equal(n->parent->meta.mtime, 5);
	put(t, "x/y/empty", &file, NULL, &dir);
	put(t, "a", &dir, NULL, NULL);
	put(t, "", &(struct tree_meta){.mode = S_IFDIR | 01777}, NULL, NULL);
	put(t, "a/b/f", &file, "two", NULL);
	assert_int_equal(t->root->meta.mode, S_IFDIR | 01777);
	assert_tree(t, "d750 a\nd755 a/b\n-644 a/b/f [two]\nd750 x\nd750 x/y\n-644 x/y/empty []\n");
}

static void test_links(void **state)
{
	struct tree *t = *state;
	struct tree_node *f = put(t, "f", &file, "x", NULL);
	struct werr *err = NULL;

	assert_ok(tree_link(t, "d/g", f, &err), err);
	assert_ok(tree_link(t, "f", f, &err), err);
	assert_tree(t, "d755 d\n-644 d/g [x] x2\n-644 f [x] x2\n");
	tree_remove(t, tree_find(t, "f"));
	assert_tree(t, "d755 d\n-644 d/g [x]\n");
	assert_fails(tree_link(t, "h", tree_find(t, "d"), &err), err, WERR_CORRUPT, "a directory");
}

static void test_find(void **state)
{
	static const struct {
		const char *path, *found, *resolved;
	} cases[] = {
		{"", "", ""},
		{"/", "", ""},
		{"usr/bin/sh", "usr/bin/sh", "usr/bin/sh"},
		{"bin", "bin", "usr/bin"},
		{"bin/sh", NULL, "usr/bin/sh"},
		{"bin/../lib", NULL, "usr/lib"},
		{"abs/sh", NULL, "usr/bin/sh"},
		{"../../usr", NULL, "usr"},
		{"out", "out", "usr"},
		{"loop", "loop", NULL},
		{"usr/bin/sh/x", NULL, NULL},
		{"usr/bin/sh/..", NULL, NULL},
		{"usr/b", NULL, NULL},
		{"usr/binary", NULL, NULL},
	};
	struct tree *t = *state;

	put(t, "usr/bin/sh", &file, "x", NULL);
	put(t, "usr/lib", &dir, NULL, NULL);
	put(t, "bin", &symlink_meta, "usr/bin", NULL);
	put(t, "abs", &symlink_meta, "/bin/", NULL);
	put(t, "out", &symlink_meta, "../../../usr", NULL);
	put(t, "loop", &symlink_meta, "./loop", NULL);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct tree_node *n = tree_find(t, cases[i].path),
				       *r = tree_resolve(t, cases[i].path);
		CLEANUP(free) char *found = n ? tree_path(n) : str_dup("none");
		CLEANUP(free) char *resolved = r ? tree_path(r) : str_dup("none");

		assert_string_equal(found, cases[i].found ? cases[i].found : "none");
		assert_string_equal(resolved, cases[i].resolved ? cases[i].resolved : "none");
	}
}

static void test_xattrs(void **state)
{
	struct tree_xattr x[] = {
		{(char[]){"user.b"}, (char[]){"2"}, 1}, {(char[]){"user.a"}, (char[]){"1\0"}, 2}};
	struct tree_meta m = {.mode = S_IFREG, .xattrs = x, .n_xattrs = 2};
	const struct tree_node *n = put(*state, "f", &m, "x", NULL);
	struct werr *err = NULL;

	assert_string_equal(n->meta.xattrs[0].name, "user.a");
	assert_int_equal(n->meta.xattrs[0].size, 2);
	assert_string_equal(n->meta.xattrs[1].name, "user.b");
	x[0].size = TREE_XATTR_SIZE_MAX + 1;
	assert_fails(tree_put(*state, "g", &m, NULL, NULL, NULL, NULL, &err), err, WERR_LIMIT,
		"user.b is larger than 64 KiB");
	m.n_xattrs = TREE_XATTRS_MAX + 1;
	assert_fails(tree_put(*state, "g", &m, NULL, NULL, NULL, NULL, &err), err, WERR_LIMIT,
		"more than 64");
	assert_null(tree_find(*state, "g"));
}

static int check_order(
	struct tree_node *n, ATTR_UNUSED const char *path, void *ctx, ATTR_UNUSED struct werr **err)
{
	size_t *count = ctx;

	for (uint32_t i = 1; i < n->n; i++)
		assert_true(strcmp(n->children[i - 1]->name, n->children[i]->name) < 0);
	*count += n->n;
	return 0;
}

static size_t count_in_order(struct tree *t)
{
	size_t count = 0;

	assert_int_equal(tree_walk(t, check_order, &count, NULL), 0);
	return count;
}

static void test_limits(void **state)
{
	struct tree *t = *state;
	CLEANUP(buf) struct buf deep = BUF_INIT(8192);
	struct tree_meta m = file;
	struct werr *err = NULL;

	for (size_t i = 0; i < TREE_PATH_MAX / 2; i++)
		buf_puts(&deep, "d/");
	buf_putc(&deep, 'f');
	assert_ok(tree_put(t, deep.data, &m, NULL, NULL, NULL, NULL, &err), err);
	assert_int_equal(count_in_order(t), TREE_PATH_MAX / 2 + 1);
	buf_putc(&deep, 'g');
	assert_fails(tree_put(t, deep.data, &m, NULL, NULL, NULL, NULL, &err), err, WERR_LIMIT,
		"longer than 4095 bytes");
	tree_remove(t, tree_find(t, "d"));
	buf_clear(&deep);
	buf_fill(&deep, 'x', 256);
	assert_fails(tree_put(t, deep.data, &m, NULL, NULL, NULL, NULL, &err), err, WERR_LIMIT,
		"in it longer than 255");
	t->nodes = TREE_NODES_MAX;
	assert_fails(tree_put(t, "f", &m, NULL, NULL, NULL, NULL, &err), err, WERR_LIMIT,
		"more than 4194304 files");
	t->nodes = 1;
	t->memory = TREE_MEMORY_MAX;
	assert_fails(tree_put(t, "f", &m, NULL, NULL, NULL, NULL, &err), err, WERR_LIMIT,
		"more than 512 MiB");
	t->memory = 0;
	assert_fails(
		tree_put(t, "../f", &m, NULL, NULL, NULL, NULL, &err), err, WERR_CORRUPT, "'..'");
	m.mode = S_IFSOCK;
	assert_fails(tree_put(t, "f", &m, NULL, NULL, NULL, NULL, &err), err, WERR_CORRUPT, "type");
	assert_tree(t, "");
}

static int skip_b(struct tree_node *n, const char *path, void *ctx, struct werr **err)
{
	buf_printf(ctx, "%s,", path);
	if (str_eq(n->name, "stop"))
		return werr_set(err, WERR_FAILED, "stopped");
	return str_eq(path, "a/b") ? TREE_WALK_SKIP : 0;
}

static void test_walk(void **state)
{
	CLEANUP(buf) struct buf b = BUF_INIT(1000);
	struct werr *err = NULL;

	put(*state, "a/b/c", &file, "", NULL);
	put(*state, "a/a", &file, "", NULL);
	put(*state, "a.b", &file, "", NULL);
	put(*state, "a/c", &file, "", NULL);
	assert_ok(tree_walk(*state, skip_b, &b, &err), err);
	assert_string_equal(b.data, ",a,a/a,a/b,a/c,a.b,");
	put(*state, "a/b2/stop", &file, "", NULL);
	assert_fails(tree_walk(*state, skip_b, &b, &err), err, WERR_FAILED, "stopped");
}

static void test_full_disk(void **state)
{
	struct tree *t = *state;
	struct werr *err = NULL;

	close(t->spool->fd);
	t->spool->fd = open("/dev/full", O_RDWR | O_CLOEXEC);
	assert_int_equal(apply_items(t, (struct item[]){{"f", 0, "x"}, {0}}, &err), -ENOSPC);
	assert_int_equal(err->kind, WERR_NO_SPACE);
	assert_string_equal(
		err->message, "layer: can't write to a file in /tmp: No space left on device");
	assert_non_null(strstr(err->hint, "needs more space"));
	werr_free(err);
}

/* Names added in order, backwards and mixed are all found. */
static void test_large_dir(void **state)
{
	enum { N = 30000 };
	struct tree *t = *state;
	char path[32];

	for (unsigned i = 0; i < N; i++) {
		unsigned number = i % 3 == 0 ? i : i % 3 == 1 ? N - i : (i * 7919) % N;

		str_format(path, sizeof(path), "d/%05u", number);
		put(t, path, &symlink_meta, "x", NULL);
	}
	for (int settled = 0; settled < 2; settled++) {
		assert_non_null(tree_find(t, "d/00000"));
		assert_non_null(tree_find(t, "d/29999"));
		assert_null(tree_find(t, "d/30001"));
		assert_int_equal(count_in_order(t), tree_find(t, "d")->n + 1);
	}
}

/* No order of names makes each addition move all other names, which would take minutes. */
static void test_hostile_order(void **state)
{
	enum { N = 250000 };
	struct tree *t = *state;
	const struct tree_meta meta = {.mode = S_IFIFO | 0600};
	struct tree_node *large;
	size_t before = t->nodes, memory = t->memory;
	char path[32];

	for (unsigned i = N; i-- > 0;) {
		str_format(path, sizeof(path), "d/%06u", i);
		put(t, path, &meta, NULL, NULL);
	}
	assert_int_equal(count_in_order(t), N + 1);
	large = tree_find(t, "d");
	for (unsigned i = 0; i < N; i += 2) {
		str_format(path, sizeof(path), "d/%06u", i);
		tree_node_remove(t, tree_find(t, path));
		assert_null(tree_find(t, path));
	}
	/* Half of the removed names come back. */
	for (unsigned i = 0; i < N; i += 4) {
		str_format(path, sizeof(path), "d/%06u", i);
		put(t, path, &meta, NULL, NULL);
	}
	assert_int_equal(count_in_order(t), N / 4 * 3 + 1);
	assert_int_equal(large->n, N / 4 * 3);
	for (unsigned i = 0; i < N; i++) {
		str_format(path, sizeof(path), "d/%06u", i);
		assert_int_equal(tree_find(t, path) != NULL, i % 4 != 2);
	}
	tree_remove(t, large);
	assert_int_equal(t->nodes, before);
	assert_int_equal(t->memory, memory);
}

/* The cost of nodes is subtracted to the last byte when they go. */
static void test_memory_is_counted(void **state)
{
	struct tree *t = *state;
	struct tree_xattr x[] = {{(char[]){"user.b"}, (char[]){"2"}, 1}};
	struct tree_meta m = {.mode = S_IFREG, .xattrs = x, .n_xattrs = 1};
	size_t before = t->memory;

	put(t, "a/b/f", &m, "x", NULL);
	put(t, "a/b/l", &symlink_meta, "target", NULL);
	put(t, "a/b", &m, "x", NULL);
	assert_true(t->memory > before);
	tree_remove(t, tree_find(t, "a"));
	assert_int_equal(t->memory, before);
	assert_int_equal(t->nodes, 1);
}

#define TREE_TEST(f_) cmocka_unit_test_setup_teardown(f_, new_tree, free_tree)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TREE_TEST(test_put),
		TREE_TEST(test_links),
		TREE_TEST(test_find),
		TREE_TEST(test_xattrs),
		TREE_TEST(test_limits),
		TREE_TEST(test_walk),
		TREE_TEST(test_full_disk),
		TREE_TEST(test_large_dir),
		TREE_TEST(test_hostile_order),
		TREE_TEST(test_memory_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
