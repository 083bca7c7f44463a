/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "buf-writer.h"
#include "archive/archive.h"

enum { OUT_MAX = 1 << 20 };

static const struct tree_meta file = {.mode = S_IFREG | 0644};

/* "type name [data]" for each header, a "prefix:" before the name; the records of a pax header as
 * data. */
static void describe(const struct buf *b, struct buf *text)
{
	size_t at = 0;

	while (at + 1024 < b->len) {
		const char *h = b->data + at;
		uint64_t size;
		char field[12] = {0};

		memcpy(field, h + 124, 11);
		assert_int_equal(str_to_u64(field, 8, &size), 0);
		buf_printf(text, "%c ", h[156]);
		if (h[345])
			buf_printf(text, "%.155s:", h + 345);
		buf_printf(text, "%.100s", h);
		if (h[157])
			buf_printf(text, " -> %.100s", h + 157);
		buf_printf(text, " [%.*s]\n", (int)size, h + 512);
		at += 512 + (size_t)(size + 511) / 512 * 512;
	}
	assert_int_equal(b->len, at + 1024);
}

static void assert_tar(const struct archive_member *entries, const char *text)
{
	CLEANUP(buf) struct buf b = BUF_INIT(OUT_MAX), is = BUF_INIT(OUT_MAX);
	struct buf_writer out = BUF_WRITER(&b);
	CLEANUP(archiver) struct archiver *w = archiver_new_tar(&out.writer);
	struct werr *err = NULL;

	for (; entries->path; entries++) {
		CLEANUP(reader)
		struct reader *r = mem_reader_new("0123456789", (size_t)entries->size);

		assert_ok(w->add(w, entries, r, &err), err);
	}
	assert_ok(w->finish(w, &err), err);
	describe(&b, &is);
	assert_string_equal(buf_str(&is), text);
}

static void assert_one(const struct archive_member *e, const char *text)
{
	assert_tar((struct archive_member[]){*e, {0}}, text);
}

static const struct tree_meta dir = {.mode = S_IFDIR | 0755}, fifo = {.mode = S_IFIFO | 0600},
			      link_meta = {.mode = S_IFLNK | 0777};

/* Ordinary entries need no records. */
static void test_plain(ATTR_UNUSED void **state)
{
	static const struct tree_meta large = {
		.mode = S_IFREG | 07777, .uid = 07777777, .gid = 07777777, .mtime = 077777777777};

	assert_tar((struct archive_member[]){{.path = "", .meta = &dir},
			   {.path = "a", .meta = &dir}, {.path = "a/f", .meta = &file, .size = 3},
			   {.path = "l", .meta = &link_meta, .target = "a/f"},
			   {.path = "p", .meta = &fifo}, {.path = "x", .meta = &large}, {0}},
		"5 ./ []\n5 a/ []\n0 a/f [012]\n2 l -> a/f []\n6 p []\n0 x []\n");
}

static void test_hard_links(ATTR_UNUSED void **state)
{
	assert_tar(
		(struct archive_member[]){
			{.path = "b", .meta = &file, .size = 2, .file_id = 7, .links = 3},
			{.path = "c", .meta = &file, .size = 2, .file_id = 8, .links = 2},
			{.path = "d", .meta = &file, .size = 2, .file_id = 7, .links = 3},
			{.path = "e", .meta = &file, .size = 2, .file_id = 7, .links = 3}, {0}},
		"0 b [01]\n0 c [01]\n1 d -> b []\n1 e -> b []\n");
}

static void test_records(ATTR_UNUSED void **state)
{
	struct tree_xattr xattrs[] = {{(char[]){"security.capability"}, (char[]){"=\n"}, 2}};
	struct tree_meta m = file;

	assert_one(&(struct archive_member){.path = "f",
			   .meta = &file,
			   .source = "nginx:alpine",
			   .location = "services[0]"},
		"x PaxHeaders [33 LINUXKIT.location=services[0]\n32 LINUXKIT.source=nginx:alpine\n"
		"]\n"
		"0 f []\n");
	m.uid = 07777777 + 1;
	m.gid = UINT32_MAX;
	assert_one(&(struct archive_member){.path = "f", .meta = &m},
		"x PaxHeaders [18 gid=4294967295\n15 uid=2097152\n]\n0 f []\n");
	m = (struct tree_meta){.mode = S_IFREG, .xattrs = xattrs, .n_xattrs = 1};
	assert_one(&(struct archive_member){.path = "f", .meta = &m},
		"x PaxHeaders [39 SCHILY.xattr.security.capability==\n\n]\n0 f []\n");
}

static void test_times(ATTR_UNUSED void **state)
{
	static const struct {
		int64_t seconds;
		uint32_t nsec;
		const char *record;
	} cases[] = {
		{0, 0, NULL},
		{1, 500000000, "13 mtime=1.5\n"},
		{1, 1, "21 mtime=1.000000001\n"},
		{-1, 0, "12 mtime=-1\n"},
		{-1, 250000000, "15 mtime=-0.75\n"},
		{-3, 250000000, "15 mtime=-2.75\n"},
		{077777777777 + 1LL, 0, "20 mtime=8589934592\n"},
		{100, 0, NULL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct tree_meta m = {
			.mode = S_IFREG, .mtime = cases[i].seconds, .mtime_nsec = cases[i].nsec};
		CLEANUP(free)
		char *text = str_printf("x PaxHeaders [%s]\n0 f []\n", cases[i].record);

		assert_one(&(struct archive_member){.path = "f", .meta = &m},
			cases[i].record ? text : "0 f []\n");
	}
}

/* Names of 100, 101 and more bytes, with and without a slash to cut them at. */
static void test_long_names(ATTR_UNUSED void **state)
{
	CLEANUP(free)
	char *n100 = str_printf("%0100d", 0), *n101 = str_printf("%0101d", 0),
	     *n155 = str_printf("%0155d", 0), *n156 = str_printf("%0156d", 0),
	     *cut = str_printf("%s/%s", n155, n100), *no_cut = str_printf("%s/%s", n156, n100),
	     *text = NULL;

	text = str_printf("0 %s []\n0 %s:%s []\nx PaxHeaders [111 path=%s\n]\n0 %s []\n"
			  "x PaxHeaders [267 path=%s\n]\n0 %.100s []\n"
			  "x PaxHeaders [115 linkpath=%s\n]\n2 l -> %s []\n",
		n100, n155, n100, n101, n100, no_cut, no_cut, n101, n100);
	assert_tar((struct archive_member[]){{.path = n100, .meta = &file},
			   {.path = cut, .meta = &file}, {.path = n101, .meta = &file},
			   {.path = no_cut, .meta = &file},
			   {.path = "l", .meta = &link_meta, .target = n101}, {0}},
		text);
}

static void test_names_beyond_ascii(ATTR_UNUSED void **state)
{
	CLEANUP(free) char *raw = str_printf("\377%0100d", 0), *text = NULL;

	text = str_printf(
		"x PaxHeaders [11 path=\303\251\n]\n0 \303\251 []\n0 \351 []\n0 \355\240\200 []\n"
		"x PaxHeaders [21 hdrcharset=BINARY\n111 path=%s\n]\n0 %.100s []\n",
		raw, raw);
	assert_tar((struct archive_member[]){{.path = "\303\251", .meta = &file},
			   {.path = "\351", .meta = &file}, {.path = "\355\240\200", .meta = &file},
			   {.path = raw, .meta = &file}, {0}},
		text);
}

static void test_refused(ATTR_UNUSED void **state)
{
	struct tree_xattr xattrs[] = {{(char[]){"user.a=b"}, (char[]){"1"}, 1}};
	const struct tree_meta with_equals = {.mode = S_IFREG, .xattrs = xattrs, .n_xattrs = 1},
			       device = {.mode = S_IFCHR, .major = 1 << 22},
			       sock = {.mode = S_IFSOCK};
	const struct {
		struct archive_member entry;
		enum werr_kind kind;
		const char *part;
	} cases[] = {
		{{.path = "f", .meta = &with_equals}, WERR_UNSUPPORTED,
			"f: the extended attribute user.a=b"},
		{{.path = "f", .meta = &device}, WERR_UNSUPPORTED, "device number"},
		{{.path = "f", .meta = &sock}, WERR_UNSUPPORTED, "sockets"},
		{{.path = "f", .meta = &file, .size = 11}, WERR_CORRUPT, "10 bytes instead of 11"},
		{{.path = "f", .meta = &file, .size = 9}, WERR_CORRUPT, "more than its 9"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(buf) struct buf b = BUF_INIT(OUT_MAX);
		CLEANUP(reader) struct reader *r = mem_reader_new("0123456789", 10);
		struct buf_writer out = BUF_WRITER(&b);
		CLEANUP(archiver) struct archiver *w = archiver_new_tar(&out.writer);
		struct werr *err = NULL;

		assert_fails(
			w->add(w, &cases[i].entry, r, &err), err, cases[i].kind, cases[i].part);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_hard_links),
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_long_names),
		cmocka_unit_test(test_names_beyond_ascii),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
