/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <string.h>

#include "archive/archive.h"
#include "archive/cpio-read.h"
#include "base/mem.h"
#include "base/str.h"
#include "buf-writer.h"

enum { OUT_MAX = 1 << 20 };

static const struct tree_meta file = {.mode = S_IFREG | 0640, .uid = 1, .gid = 2, .mtime = 3},
			      dir = {.mode = S_IFDIR | 0755}, link_meta = {.mode = S_IFLNK | 0777},
			      device = {.mode = S_IFCHR | 0600, .major = 1, .minor = 3};

static void put(struct tree *t, const char *path, const struct tree_meta *m, const char *text)
{
	CLEANUP(reader)
	struct reader *r = S_ISREG(m->mode) ? mem_reader_new(text, strlen(text)) : NULL;
	struct werr *err = NULL;

	assert_ok(tree_put(t, path, m, S_ISLNK(m->mode) ? text : NULL, r, NULL, NULL, &err), err);
}

/* A tree with all that there is, as an archive. */
static void make(struct buf *to)
{
	CLEANUP(tree) struct tree *t = NULL;
	struct buf_writer w = BUF_WRITER(to);
	CLEANUP(archiver) struct archiver *cpio = archiver_new_cpio(&w.writer);
	struct werr *err = NULL;

	assert_ok(tree_new(&t, "/tmp", &err), err);
	put(t, "d", &dir, NULL);
	put(t, "d/file", &file, "bytes");
	put(t, "null", &device, NULL);
	put(t, "l", &link_meta, "d");
	assert_ok(tree_link(t, "again", tree_find(t, "d/file"), &err), err);
	assert_ok(archiver_add_tree(cpio, t, &(struct archive_tree_options){.prefix = ""}, &err),
		err);
	assert_ok(cpio->finish(cpio, &err), err);
}

static int add_path(struct tree_node *n, const char *path, void *ctx, ATTR_UNUSED struct werr **err)
{
	buf_printf(ctx, "%s %o %u %llu %u/%u %s\n", path, n->meta.mode, n->meta.uid,
		n->file ? (unsigned long long)n->file->size : 0ULL, n->meta.major, n->meta.minor,
		n->target ? n->target : "");
	return 0;
}

static void check_tree(const struct tree *t, const char *expected)
{
	CLEANUP(buf) struct buf text = BUF_INIT(OUT_MAX);
	struct werr *err = NULL;

	assert_ok(tree_walk(t, add_path, &text, &err), err);
	assert_string_equal(buf_str(&text), expected);
}

#define ALL                                                          \
	" 40755 0 0 0/0 \nagain 100640 1 5 0/0 \nd 40755 0 0 0/0 \n" \
	"d/file 100640 1 5 0/0 \nl 120777 0 0 0/0 d\nnull 20600 0 0 1/3 \n"

static void test_what_was_written(ATTR_UNUSED void **state)
{
	CLEANUP(buf) struct buf bytes = BUF_INIT(OUT_MAX);
	CLEANUP(tree) struct tree *t = NULL;
	CLEANUP(tree) struct tree *names = NULL;
	CLEANUP(fill) struct fill *f = NULL;
	CLEANUP(fill) struct fill *later = NULL;
	CLEANUP(fill_list) struct fill_list list = {0};
	CLEANUP(reader) struct reader *r = NULL;
	CLEANUP(reader) struct reader *again = NULL;
	CLEANUP(reader) struct reader *content = NULL;
	struct werr *err = NULL;
	uint64_t used;
	char text[8] = "";

	make(&bytes);
	assert_ok(tree_new(&t, "/tmp", &err), err);
	f = fill_new(t, true);
	r = mem_reader_new(bytes.data, bytes.len);
	assert_ok(cpio_read(r, fill_add, f, &used, &err), err);
	assert_int_equal(used, bytes.len);
	check_tree(t, ALL);
	assert_ptr_equal(tree_find(t, "again")->file, tree_find(t, "d/file")->file);
	content = tree_open_file(t, tree_find(t, "again"));
	assert_ok(reader_read_full(content, text, 5, &err), err);
	assert_string_equal(text, "bytes");

	/* The same without contents, by way of a list. */
	again = mem_reader_new(bytes.data, bytes.len);
	assert_ok(cpio_read(again, fill_list_add, &list, &used, &err), err);
	assert_ok(tree_new(&names, NULL, &err), err);
	later = fill_new(names, false);
	assert_ok(fill_list_visit(&list, fill_add, later, &err), err);
	check_tree(names, ALL);
}

/* Every length that is too short, and what comes behind an archive. */
static void test_ends(ATTR_UNUSED void **state)
{
	CLEANUP(buf) struct buf bytes = BUF_INIT(OUT_MAX);
	struct werr *err = NULL;
	uint64_t used;
	const char *end;

	make(&bytes);
	end = memmem(bytes.data, bytes.len, "TRAILER!!!", 10);
	for (size_t n = 1; bytes.data + n < end + 11; n++) {
		CLEANUP(reader) struct reader *r = mem_reader_new(bytes.data, n);
		CLEANUP(fill_list) struct fill_list list = {0};

		assert_fails(cpio_read(r, fill_list_add, &list, &used, &err), err, WERR_CORRUPT,
			"truncated");
	}
	buf_fill(&bytes, 0, 7);
	buf_puts(&bytes, "something else");
	{
		CLEANUP(reader) struct reader *r = mem_reader_new(bytes.data, bytes.len);
		CLEANUP(fill_list) struct fill_list list = {0};

		assert_ok(cpio_read(r, fill_list_add, &list, &used, &err), err);
		assert_int_equal(used, bytes.len - strlen("something else"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_was_written), cmocka_unit_test(test_ends)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
