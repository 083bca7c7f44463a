/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <locale.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hash/sha256.h"
#include "buf-writer.h"
#include "layer-maker.h"
#include "codec/codec.h"
#include "tree/tree-impl.h"

/* Numbers too large for octal digits: base 256 (GNU), and PAX records. */
static void test_large_numbers(ATTR_UNUSED void **state)
{
	static const struct item items[] = {
		{"base256", 0, "", .uid = "\200\1\1\1\1\1\1\1"},
		{"pax", 0, "", .pax = "gid=4294967294\nmtime=-1.5\nuid=4000000000\n"},
		{0},
	};
	CLEANUP(buf) struct buf b = BUF_INIT(LAYER_MAX);
	CLEANUP(tree) struct tree *t = NULL;
	const struct tree_node *n;
	struct werr *err = NULL;

	assert_ok(tree_new(&t, "/tmp", &err), err);
	tar_items(&b, items + 1);
	assert_ok(apply_bytes(t, b.data, b.len, &err), err);
	n = tree_find(t, "pax");
	assert_int_equal(n->meta.uid, 4000000000);
	assert_int_equal(n->meta.gid, 4294967294);
	assert_int_equal(n->meta.mtime, -1);
	assert_int_equal(n->meta.mtime_nsec, 0);
	assert_fails(apply_items(t, items, &err), err, WERR_CORRUPT, "base256: the user id");
}

static void test_xattrs(ATTR_UNUSED void **state)
{
	static const struct item items[] = {
		{"f", 0, "",
			.pax = "LIBARCHIVE.xattr.user.b=dHdv\n"
			       "SCHILY.xattr.security.capability=\1=\2\n"
			       "SCHILY.xattr.user.b=two\n"},
		{0},
	};
	CLEANUP(tree) struct tree *t = NULL;
	const struct tree_meta *m;
	struct werr *err = NULL;

	assert_ok(tree_new(&t, "/tmp", &err), err);
	assert_ok(apply_items(t, items, &err), err);
	m = &tree_find(t, "f")->meta;
	assert_int_equal(m->n_xattrs, 2);
	assert_string_equal(m->xattrs[0].name, "security.capability");
	assert_int_equal(m->xattrs[0].size, 3);
	assert_memory_equal(m->xattrs[0].value, "\1=\2", 3);
	assert_string_equal(m->xattrs[1].name, "user.b");
	assert_memory_equal(m->xattrs[1].value, "two", 3);
}

/* The holes of a sparse file are zeros that take up no space, but count towards the limits. */
static void test_sparse(ATTR_UNUSED void **state)
{
	static const struct item large[] =
		{{"x", 0, "abcdef",
			 .pax = "GNU.sparse.name=s\n"
				"GNU.sparse.size=1000000000\nGNU.sparse.map=0,3,900000000,3\n"},
			{"end", 0, "z"}, {0}},
				 /* More than 1 GiB of two holes, out of 3 KiB. */
		bomb[] = {{"x", 0, "abcdef",
				  .pax = "GNU.sparse.name=s\n"
					 "GNU.sparse.size=900000000\n"
					 "GNU.sparse.map=0,3,800000000,3\n"},
			{"x", 0, "abc",
				.pax = "GNU.sparse.name=t\n"
				       "GNU.sparse.size=900000000\nGNU.sparse.map=0,3\n"},
			{0}};
	CLEANUP(tree) struct tree *t = NULL;
	CLEANUP(reader) struct reader *r = NULL;
	struct werr *err = NULL;
	struct stat st;
	char byte;

	assert_ok(tree_new(&t, "/tmp", &err), err);
	assert_ok(apply_items(t, large, &err), err);
	assert_int_equal(tree_find(t, "s")->file->size, 1000000000);
	assert_int_equal(fstat(t->spool->fd, &st), 0);
	assert_true(st.st_blocks < 1000);
	assert_int_equal(pread(t->spool->fd, &byte, 1, 900000002), 1);
	assert_int_equal(byte, 'f');
	assert_int_equal(pread(t->spool->fd, &byte, 1, 999999999), 1);
	assert_int_equal(byte, 0);
	r = tree_open_file(t, tree_find(t, "end"));
	assert_ok(reader_read_full(r, &byte, 1, &err), err);
	assert_int_equal(byte, 'z');
	assert_fails(apply_items(t, bomb, &err), err, WERR_LIMIT, "200 times its size");
}

/*
 * A bomb is measured against the packed bytes. 10 MiB of the same letter pack to a few hundred
 * bytes; the hole after them is more than 200 times that, but less than 200 times 10 MiB.
 */
static void test_packed_bytes_count(ATTR_UNUSED void **state)
{
	CLEANUP(buf) struct buf text = BUF_INIT(LAYER_MAX);
	CLEANUP(buf) struct buf tar = BUF_INIT(LAYER_MAX);
	CLEANUP(buf) struct buf packed = BUF_INIT(LAYER_MAX);
	struct buf_writer out = BUF_WRITER(&packed);
	CLEANUP(writer) struct writer *w = NULL;
	CLEANUP(reader) struct reader *layer = NULL;
	CLEANUP(tree) struct tree *t = NULL;
	struct item items[] = {{"x"},
		{"x", 0, "abc",
			.pax = "GNU.sparse.name=s\nGNU.sparse.size=1200000000\n"
			       "GNU.sparse.map=0,3\n"},
		{0}};
	struct werr *err = NULL;

	buf_fill(&text, 'x', 10 << 20);
	items[0].text = buf_str(&text);
	tar_items(&tar, items);
	assert_ok(compress_writer_new(&out.writer, CODEC_ZSTD, 1, &w, &err), err);
	assert_ok(writer_write(w, tar.data, tar.len, &err), err);
	assert_ok(writer_finish(w, &err), err);
	assert_ok(tree_new(&t, "/tmp", &err), err);
	assert_ok(apply_bytes(t, tar.data, tar.len, &err), err);
	layer = mem_reader_new(packed.data, packed.len);
	assert_fails(tree_apply_wide_layer(t, layer, "kernel.tar", &err), err, WERR_LIMIT,
		"kernel.tar: s: it unpacks to more than 1 GiB and 200 times its size");
}

/* The map of a sparse file is kept in memory while its header is read, so its size is limited. */
static void test_large_header(ATTR_UNUSED void **state)
{
	enum { LINES = 3 << 20 };
	CLEANUP(buf) struct buf map = BUF_INIT((size_t)4 * LINES);
	CLEANUP(buf) struct buf b = BUF_INIT((size_t)4 * LINES);
	CLEANUP(tree) struct tree *t = NULL;
	struct item items[] = {{"x", 0, NULL,
				       .pax = "GNU.sparse.major=1\nGNU.sparse.minor=0\n"
					      "GNU.sparse.name=s\nGNU.sparse.realsize=9\n"},
		{0}};
	struct werr *err = NULL;

	buf_puts(&map, "1500000\n");
	for (size_t i = 0; i < LINES; i++)
		buf_puts(&map, "1\n");
	items[0].text = buf_str(&map);
	assert_ok(tree_new(&t, "/tmp", &err), err);
	tar_items(&b, items);
	assert_fails(apply_bytes(t, b.data, b.len, &err), err, WERR_LIMIT,
		"the header of an entry is larger than 5120 KiB");
}

/* A truncated layer is an error, unless what is left is a tar without its end mark. */
static void test_cut(ATTR_UNUSED void **state)
{
	static const struct item items[] = {
		{"a/", '5'}, {"a/f", 0, "hello"}, {"x", 0, "1", .pax = "path=long\n"}, {0}};
	CLEANUP(buf) struct buf b = BUF_INIT(LAYER_MAX);

	tar_items(&b, items);
	for (size_t n = 1; n < b.len - 1024; n++) {
		CLEANUP(tree) struct tree *t = NULL;
		CLEANUP(werr) struct werr *err = NULL;
		int r;

		assert_ok(tree_new(&t, "/tmp", &err), err);
		r = apply_bytes(t, b.data, n, &err);
		if (n % 512)
			assert_true(r < 0 || n > b.len - 1536);
		if (r < 0)
			assert_int_equal(err->kind, WERR_CORRUPT);
	}
}

/* The layer is read to its end, and an error of its reader there is reported. */
static void test_end_is_checked(ATTR_UNUSED void **state)
{
	static const char zeros[SHA256_HEX + 1] =
		"0000000000000000000000000000000000000000000000000000000000000000";
	static const struct item items[] = {{"f", 0, "x"}, {0}};
	CLEANUP(buf) struct buf b = BUF_INIT(LAYER_MAX);
	CLEANUP(tree) struct tree *t = NULL;
	CLEANUP(reader) struct reader *checked = NULL;
	struct werr *err = NULL;

	assert_ok(tree_new(&t, "/tmp", &err), err);
	tar_items(&b, items);
	buf_fill(&b, 'x', 1 << 20);
	assert_ok(apply_bytes(t, b.data, b.len, &err), err);
	checked = sha256_check_reader_new(mem_reader_new(b.data, b.len), "blob", zeros, b.len);
	assert_fails(
		tree_apply_layer(t, checked, "layer", &err), err, WERR_CORRUPT, "blob is damaged");
}

/* libarchive takes a few bytes that are not an archive for the end of one. */
static void test_short_damaged_layer(ATTR_UNUSED void **state)
{
	static const char zeros[SHA256_HEX + 1] =
		"0000000000000000000000000000000000000000000000000000000000000000";
	CLEANUP(tree) struct tree *t = NULL;
	CLEANUP(reader) struct reader *checked = NULL;
	struct werr *err = NULL;

	assert_ok(tree_new(&t, "/tmp", &err), err);
	checked = sha256_check_reader_new(mem_reader_new("\x1e\x8b\x08", 3), "blob", zeros, 3);
	assert_fails(
		tree_apply_layer(t, checked, "layer", &err), err, WERR_CORRUPT, "blob is damaged");
}

static int failing_read(struct reader *r, void *p, size_t size, size_t *got, struct werr **err)
{
	static bool began;

	(void)r;
	began = !began;
	if (!began)
		return werr_set(err, WERR_DENIED, "the source failed");
	/* Half a header. */
	memset(p, 'x', size < 100 ? size : 100);
	*got = size < 100 ? size : 100;
	return 0;
}

static void test_not_a_tar(ATTR_UNUSED void **state)
{
	struct reader source = {failing_read, NULL};
	CLEANUP(tree) struct tree *t = NULL;
	struct werr *err = NULL;
	char noise[2048];

	assert_ok(tree_new(&t, "/tmp", &err), err);
	memset(noise, 'n', sizeof(noise));
	assert_ok(apply_bytes(t, "", 0, &err), err);
	assert_fails(
		apply_bytes(t, noise, sizeof(noise), &err), err, WERR_CORRUPT, "the tar is broken");
	assert_fails(apply_bytes(t, "short", 5, &err), err, WERR_CORRUPT, "the tar is broken");
	assert_fails(tree_apply_layer(t, &source, "layer", &err), err, WERR_DENIED,
		"layer: the source failed");
}

/* Names are converted under a locale set for this thread only, and restored afterwards. */
static void test_locale(ATTR_UNUSED void **state)
{
	static const struct item items[] = {{"x", 0, "", .pax = "path=\303\251\n"}, {0}};
	CLEANUP(tree) struct tree *t = NULL;
	locale_t before = uselocale((locale_t)0);
	struct werr *err = NULL;

	assert_string_equal(setlocale(LC_CTYPE, NULL), "C");
	assert_ok(tree_new(&t, "/tmp", &err), err);
	assert_ok(apply_items(t, items, &err), err);
	assert_non_null(tree_find(t, "\303\251"));
	assert_true(uselocale((locale_t)0) == before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_large_numbers),
		cmocka_unit_test(test_xattrs),
		cmocka_unit_test(test_sparse),
		cmocka_unit_test(test_large_header),
		cmocka_unit_test(test_packed_bytes_count),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_end_is_checked),
		cmocka_unit_test(test_short_damaged_layer),
		cmocka_unit_test(test_not_a_tar),
		cmocka_unit_test(test_locale),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
