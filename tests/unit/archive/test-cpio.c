/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "buf-writer.h"
#include "archive/archive.h"

enum { OUT_MAX = 1 << 20 };

static const struct tree_meta file = {.mode = S_IFREG | 0644}, dir = {.mode = S_IFDIR | 0755};

/* A number of the header at p, by its place among the thirteen. */
static unsigned long field(const char *p, unsigned i)
{
	char text[9] = {0};

	memcpy(text, p + 6 + (size_t)8 * i, 8);
	return strtoul(text, NULL, 16);
}

enum { INO, MODE, UID, GID, NLINK, MTIME, SIZE, RDEVMAJOR = 9, RDEVMINOR, NAMESIZE };

/* "ino nlink size name [bytes]" for each entry. */
static void describe(const struct buf *b, struct buf *text)
{
	for (const char *p = b->data; p < b->data + b->len;) {
		const char *name = p + 110;
		unsigned long size = field(p, SIZE);

		assert_memory_equal(p, "070701", 6);
		assert_int_equal((p - b->data) % 4, 0);
		assert_int_equal(strlen(name) + 1, field(p, NAMESIZE));
		p += (110 + field(p, NAMESIZE) + 3) / 4 * 4;
		buf_printf(text, "%lu %lu %lu %s [%.*s]\n", field(name - 110, INO),
			field(name - 110, NLINK), size, name, (int)size, p);
		p += (size + 3) / 4 * 4;
		if (str_eq(name, "TRAILER!!!"))
			break;
	}
	assert_int_equal(b->len % 512, 0);
}

static void put(struct tree *t, const char *path, const struct tree_meta *m, const char *text)
{
	CLEANUP(reader) struct reader *r = NULL;
	struct werr *err = NULL;

	if (S_ISREG(m->mode))
		r = mem_reader_new(text, strlen(text));
	assert_ok(tree_put(t, path, m, text, r, NULL, NULL, &err), err);
}

static struct tree *sample(void)
{
	struct tree *t = NULL;
	struct werr *err = NULL;

	assert_ok(tree_new(&t, "/tmp", &err), err);
	put(t, "b/f", &file, "hello");
	put(t, "a", &(struct tree_meta){.mode = S_IFLNK | 0777}, "b/f");
	put(t, "empty", &file, "");
	assert_ok(tree_link(t, "b/g", tree_find(t, "b/f"), &err), err);
	assert_ok(tree_link(t, "b/h", tree_find(t, "b/f"), &err), err);
	assert_ok(tree_link(t, "a2", tree_find(t, "a"), &err), err);
	put(t, "dev", &(struct tree_meta){.mode = S_IFCHR | 0600, .major = 5, .minor = 1}, NULL);
	return t;
}

static void assert_cpio(const struct archive_tree_options *o, const struct tree *t, unsigned times,
	const char *text)
{
	CLEANUP(buf) struct buf b = BUF_INIT(OUT_MAX), is = BUF_INIT(OUT_MAX);
	struct buf_writer out = BUF_WRITER(&b);
	CLEANUP(archiver) struct archiver *w = archiver_new_cpio(&out.writer);
	struct werr *err = NULL;

	for (unsigned i = 0; i < times; i++)
		assert_ok(archiver_add_tree(w, t, o, &err), err);
	assert_ok(w->finish(w, &err), err);
	describe(&b, &is);
	assert_string_equal(buf_str(&is), text);
	assert_int_equal(out.finished, 0);
}

static void test_tree(ATTR_UNUSED void **state)
{
	CLEANUP(tree) struct tree *t = sample();

	assert_cpio(&(struct archive_tree_options){.with_root = true}, t, 1,
		"1 2 0 . []\n2 1 3 a [b/f]\n3 1 3 a2 [b/f]\n4 2 0 b []\n"
		"5 3 0 b/f []\n5 3 0 b/g []\n5 3 5 b/h [hello]\n"
		"6 1 0 dev []\n7 1 0 empty []\n0 1 0 TRAILER!!! []\n");
}

static bool skip_some(const char *path, ATTR_UNUSED void *ctx)
{
	return str_eq(path, "b/h") || str_eq(path, "dev") || path[0] == 'a';
}

static bool skip_all(const char *path, ATTR_UNUSED void *ctx)
{
	return str_eq(path, "b") || path[0] != 'b';
}

/* Names that are left out do not take the bytes of a hard link along. */
static void test_skip(ATTR_UNUSED void **state)
{
	CLEANUP(tree) struct tree *t = sample();

	assert_cpio(&(struct archive_tree_options){.skip = skip_some, .prefix = "x"}, t, 1,
		"1 2 0 x/b []\n2 2 0 x/b/f []\n2 2 5 x/b/g [hello]\n3 1 0 x/empty []\n"
		"0 1 0 TRAILER!!! []\n");
	assert_cpio(&(struct archive_tree_options){.skip = skip_all, .with_root = true}, t, 1,
		"1 2 0 . []\n0 1 0 TRAILER!!! []\n");
}

static void test_same_tree_twice(ATTR_UNUSED void **state)
{
	CLEANUP(tree) struct tree *t = sample();

	tree_remove(t, tree_find(t, "a"));
	tree_remove(t, tree_find(t, "a2"));
	tree_remove(t, tree_find(t, "dev"));
	assert_cpio(&(struct archive_tree_options){.prefix = "x/y"}, t, 2,
		"1 2 0 x/y/b []\n2 3 0 x/y/b/f []\n2 3 0 x/y/b/g []\n2 3 5 x/y/b/h [hello]\n"
		"3 1 0 x/y/empty []\n4 2 0 x/y/b []\n5 3 0 x/y/b/f []\n5 3 0 x/y/b/g []\n"
		"5 3 5 x/y/b/h [hello]\n6 1 0 x/y/empty []\n0 1 0 TRAILER!!! []\n");
}

static void test_fields(ATTR_UNUSED void **state)
{
	static const struct {
		int64_t is;
		unsigned long written;
	} times[] = {{-1, 0}, {0, 0}, {1234567890, 1234567890}, {INT64_MAX, UINT32_MAX}};

	for (size_t i = 0; i < ARRAY_SIZE(times); i++) {
		CLEANUP(buf) struct buf b = BUF_INIT(OUT_MAX);
		struct buf_writer out = BUF_WRITER(&b);
		CLEANUP(archiver) struct archiver *w = archiver_new_cpio(&out.writer);
		struct tree_meta m = {.mode = S_IFBLK | 04755,
			.uid = UINT32_MAX,
			.gid = 70000,
			.mtime = times[i].is,
			.major = 259,
			.minor = 1048575};
		struct werr *err = NULL;

		assert_ok(w->add(w, &(struct archive_member){.path = "d", .meta = &m}, NULL, &err),
			err);
		assert_int_equal(field(b.data, MODE), S_IFBLK | 04755);
		assert_int_equal(field(b.data, UID), UINT32_MAX);
		assert_int_equal(field(b.data, GID), 70000);
		assert_int_equal(field(b.data, MTIME), times[i].written);
		assert_int_equal(field(b.data, RDEVMAJOR), 259);
		assert_int_equal(field(b.data, RDEVMINOR), 1048575);
	}
}

static void test_refused(ATTR_UNUSED void **state)
{
	CLEANUP(buf) struct buf b = BUF_INIT(OUT_MAX);
	CLEANUP(free) char *path = mem_alloc(4097);
	struct buf_writer out = BUF_WRITER(&b);
	CLEANUP(archiver) struct archiver *w = archiver_new_cpio(&out.writer);
	CLEANUP(reader) struct reader *three = mem_reader_new("abc", 3);
	struct archive_member e = {.path = "f", .meta = &file, .size = (uint64_t)4 << 30};
	struct werr *err = NULL;

	assert_fails(w->add(w, &e, NULL, &err), err, WERR_UNSUPPORTED, "4 GiB");
	e.size = 4;
	assert_fails(w->add(w, &e, three, &err), err, WERR_CORRUPT, "3 bytes instead of 4");
	memset(path, 'x', 4096);
	e = (struct archive_member){.path = path, .meta = &dir};
	assert_fails(w->add(w, &e, NULL, &err), err, WERR_LIMIT, "4095 bytes");
	e = (struct archive_member){.path = "TRAILER!!!", .meta = &file};
	assert_fails(w->add(w, &e, NULL, &err), err, WERR_UNSUPPORTED, "that name marks its end");
	e.path = "sub/TRAILER!!!";
	assert_ok(w->add(w, &e, NULL, &err), err);
	e = (struct archive_member){.path = "f", .meta = &file, .file_id = 1, .links = 2};
	assert_ok(w->add(w, &e, NULL, &err), err);
	assert_fails(w->finish(w, &err), err, WERR_INVALID, "1 hard links lack");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tree),
		cmocka_unit_test(test_skip),
		cmocka_unit_test(test_same_tree_twice),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
