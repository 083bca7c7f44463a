/* SPDX-License-Identifier: Apache-2.0 */
/* A tree as a roll, with and without hashes, and back. */
#include "check.h"

#include <stdint.h>
#include <string.h>

#include "archive/roll.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "buf-writer.h"

enum { OUT_MAX = 1 << 20 };

static struct tree_xattr attributes[] = {
	{(char *)(uintptr_t) "security.capability", (void *)(uintptr_t) "\1\0\n\2", 4},
	{(char *)(uintptr_t) "user.x", NULL, 0}};
static const struct tree_meta file = {.mode = S_IFREG | 0640, .uid = 1, .mtime = 3},
			      dir = {.mode = S_IFDIR | 0755}, link_meta = {.mode = S_IFLNK | 0777},
			      device = {.mode = S_IFCHR | 0600, .major = 1, .minor = 3},
			      program = {.mode = S_IFREG | 0755,
				      .xattrs = attributes,
				      .n_xattrs = ARRAY_SIZE(attributes)};

static void put(struct tree *t, const char *path, const struct tree_meta *m, const char *text)
{
	CLEANUP(reader)
	struct reader *r = S_ISREG(m->mode) ? mem_reader_new(text, strlen(text)) : NULL;
	struct werr *err = NULL;

	assert_ok(tree_put(t, path, m, S_ISLNK(m->mode) ? text : NULL, r, NULL, NULL, &err), err);
}

static void make(struct buf *to, bool with_hashes)
{
	static const struct archive_tree_options all;
	CLEANUP(tree) struct tree *t = NULL;
	struct buf_writer w = BUF_WRITER(to);
	CLEANUP(archiver) struct archiver *roll = archiver_new_roll(&w.writer, with_hashes);
	struct werr *err = NULL;

	assert_ok(tree_new(&t, "/tmp", &err), err);
	put(t, "d", &dir, NULL);
	put(t, "d/file", &file, "bytes");
	assert_ok(tree_link(t, "again", tree_find(t, "d/file"), &err), err);
	put(t, "l", &link_meta, "d");
	put(t, "null", &device, NULL);
	put(t, "ping", &program, "four");
	assert_ok(archiver_add_tree(roll, t, &all, &err), err);
	assert_ok(roll->finish(roll, &err), err);
}

struct reading {
	struct fill *fill;
	struct strv seen; /* "PATH HASH" */
};

static int take(const struct roll_entry *e, void *ctx, struct werr **err)
{
	struct reading *r = ctx;

	strv_addf(&r->seen, "%s %.8s", e->entry.path, e->sha256);
	return fill_add(&e->entry, NULL, r->fill, err);
}

static void must_parse(const struct buf *text, struct tree *t, struct strv *seen)
{
	CLEANUP(fill) struct fill *fill = fill_new(t, false);
	struct reading r = {.fill = fill};
	struct werr *err = NULL;

	assert_ok(roll_parse(text->data, text->len, take, &r, &err), err);
	*seen = r.seen;
}

static void test_there_and_back(ATTR_UNUSED void **state)
{
	CLEANUP(buf) struct buf text = BUF_INIT(OUT_MAX);
	CLEANUP(tree) struct tree *t = NULL;
	CLEANUP(strv) struct strv seen = {0};
	const struct tree_node *n;
	struct werr *err = NULL;

	make(&text, true);
	assert_ok(tree_new(&t, NULL, &err), err);
	must_parse(&text, t, &seen);
	assert_true(strv_has(&seen, "d/file 277089d9"));
	assert_true(strv_has(&seen, "l "));
	n = tree_find(t, "d/file");
	assert_int_equal(n->file->size, 5);
	assert_int_equal(n->file->links, 2);
	assert_int_equal(n->meta.uid, 1);
	assert_ptr_equal(tree_find(t, "again")->file, n->file);
	assert_string_equal(tree_find(t, "l")->target, "d");
	assert_int_equal(tree_find(t, "null")->meta.minor, 3);
	n = tree_find(t, "ping");
	assert_int_equal(n->meta.n_xattrs, 2);
	assert_string_equal(n->meta.xattrs[0].name, "security.capability");
	assert_int_equal(n->meta.xattrs[0].size, 4);
	assert_memory_equal(n->meta.xattrs[0].value, "\1\0\n\2", 4);
	assert_int_equal(n->meta.xattrs[1].size, 0);
}

static void test_without_hashes(ATTR_UNUSED void **state)
{
	CLEANUP(buf) struct buf text = BUF_INIT(OUT_MAX);
	CLEANUP(tree) struct tree *t = NULL;
	CLEANUP(strv) struct strv seen = {0};
	CLEANUP(fd) int fd = -1;
	struct roll_sums sums = {0};
	struct werr *err = NULL;

	make(&text, false);
	assert_ok(tree_new(&t, NULL, &err), err);
	must_parse(&text, t, &seen);
	assert_true(strv_has(&seen, "d/file "));
	assert_ok(file_open_unnamed("/tmp", &fd, &err), err);
	assert_int_equal(fd_write_all(fd, text.data, text.len), 0);
	/* Two names of five bytes, and what is neither a file nor a directory. */
	assert_true(roll_read_sums(fd, text.len, &sums));
	assert_int_equal(sums.files, 5);
	assert_int_equal(sums.size, 9);
	assert_false(roll_read_sums(fd, text.len - 1, &sums));
	assert_false(roll_read_sums(fd, 3, &sums));
}

/* Whatever is cut off, it is an error. */
static void test_truncated(ATTR_UNUSED void **state)
{
	CLEANUP(buf) struct buf text = BUF_INIT(OUT_MAX);
	CLEANUP(tree) struct tree *t = NULL;
	CLEANUP(fill) struct fill *fill = NULL;
	struct werr *err = NULL;

	make(&text, true);
	assert_ok(tree_new(&t, NULL, &err), err);
	fill = fill_new(t, false);
	for (size_t size = 0; size < text.len; size++) {
		struct reading r = {.fill = fill};

		assert_fails(roll_parse(text.data, size, take, &r, &err), err, WERR_CORRUPT, "");
		strv_clear(&r.seen);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_without_hashes),
		cmocka_unit_test(test_truncated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
