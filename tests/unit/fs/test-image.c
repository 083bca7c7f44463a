/* SPDX-License-Identifier: Apache-2.0 */
/* What images can't hold, and what can go wrong; test-peers.py looks into them. */
#include "check.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "image.h"

static const struct packed_options options = {.threads = 2};
static const struct packed_format *const formats[] = {&packed_squashfs, &packed_erofs};

static struct tree *new_tree(void)
{
	struct tree *t = NULL;
	struct werr *err = NULL;

	assert_ok(tree_new(&t, "/tmp", &err), err);
	return t;
}

static void put(struct tree *t, const char *path, const struct tree_meta *meta, const char *content)
{
	CLEANUP(reader)
	struct reader *bytes = content ? mem_reader_new(content, strlen(content)) : NULL;
	struct werr *err = NULL;

	assert_ok(tree_put(t, path, meta, NULL, bytes, NULL, NULL, &err), err);
}

/* The image's bytes; owned by the caller. */
static char *image_of(const struct packed_format *f, struct tree *t, size_t *ret_size)
{
	CLEANUP(writer) struct writer *to = NULL;
	CLEANUP(reader) struct reader *from = NULL;
	struct werr *err = NULL;
	char *bytes = NULL;
	int fd;

	assert_ok(file_open_unnamed("/tmp", &fd, &err), err);
	to = fd_writer_new(fd, FD_OWNED, "image");
	assert_ok(image_write(f, t, &options, to, &err), err);
	from = fd_range_reader_new(fd, "image", 0, (uint64_t)lseek(fd, 0, SEEK_END));
	assert_ok(reader_read_all(from, 1 << 20, &bytes, ret_size, &err), err);
	return bytes;
}

/* The superblock: magic, one inode, the time, blocks of 128 KiB, zstd. */
static void test_empty_squashfs(ATTR_UNUSED void **state)
{
	static const char head[] = "hsqs\1\0\0\0\1\0\0\0\0\0\2\0\0\0\0\0\6\0\x11\0";
	CLEANUP(tree) struct tree *t = new_tree();
	CLEANUP(free) char *bytes = NULL;
	size_t size;

	bytes = image_of(&packed_squashfs, t, &size);
	assert_int_equal(size, 4096);
	assert_memory_equal(bytes, head, sizeof(head) - 1);
}

/* The superblock: magic, two features, blocks of 4 KiB, the root's number; a second block. */
static void test_empty_erofs(ATTR_UNUSED void **state)
{
	static const char magic[] = "\xe2\xe1\xf5\xe0", rest[] = "\3\0\0\0\x0c\0\x80\0\1\0\0\0";
	CLEANUP(tree) struct tree *t = new_tree();
	CLEANUP(free) char *bytes = NULL;
	size_t size;

	bytes = image_of(&packed_erofs, t, &size);
	assert_int_equal(size, 8192);
	assert_memory_equal(bytes + 1024, magic, sizeof(magic) - 1);
	assert_memory_equal(bytes + 1032, rest, sizeof(rest) - 1);
}

/* An attribute that the format has no name for does not make a difference. */
static void test_other_attributes(ATTR_UNUSED void **state)
{
	char name[] = "system.other", value[] = "x";
	struct tree_xattr other = {name, value, 1};
	struct tree_meta plain = {.mode = S_IFREG | 0644};
	struct tree_meta with = {.mode = S_IFREG | 0644, .xattrs = &other, .n_xattrs = 1};
	CLEANUP(tree) struct tree *t = new_tree();
	CLEANUP(tree) struct tree *u = new_tree();

	put(t, "a", &plain, "text");
	put(u, "a", &with, "text");
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		size_t sizes[2];
		CLEANUP(free) char *a = image_of(formats[i], t, &sizes[0]);
		CLEANUP(free) char *b = image_of(formats[i], u, &sizes[1]);

		assert_int_equal(sizes[0], sizes[1]);
		assert_memory_equal(a, b, sizes[0]);
	}
}

/* Each file's bytes are seen once, whatever its names. */
static void test_watched(ATTR_UNUSED void **state)
{
	struct tree_meta meta = {.mode = S_IFREG | 0644};
	uint64_t count = 0;
	CLEANUP(tree) struct tree *t = new_tree();
	CLEANUP(writer) struct writer *watch = count_writer_new(NULL, &count);
	CLEANUP(writer) struct writer *to = count_writer_new(NULL, NULL);
	struct packed_options watched = options;
	struct werr *err = NULL;

	put(t, "a", &meta, "text");
	put(t, "b", &meta, "text");
	assert_ok(tree_link(t, "c", tree_find(t, "a"), &err), err);
	watched.watch = watch;
	assert_ok(image_write(&packed_squashfs, t, &watched, to, &err), err);
	assert_int_equal(count, 8);
}

static void assert_image_fails(
	const struct packed_format *f, struct tree *t, enum werr_kind kind, const char *part)
{
	CLEANUP(writer) struct writer *to = count_writer_new(NULL, NULL);
	struct werr *err = NULL;

	assert_fails(image_write(f, t, &options, to, &err), err, kind, part);
}

static void test_limits_of_squashfs(ATTR_UNUSED void **state)
{
	enum { OWNERS = 65537 };
	struct tree_meta device = {.mode = S_IFCHR, .major = 4096};
	struct tree_meta file = {.mode = S_IFREG};
	CLEANUP(tree) struct tree *t = new_tree();
	CLEANUP(tree) struct tree *owners = new_tree();
	char path[20];

	put(t, "dev/x", &device, NULL);
	assert_image_fails(&packed_squashfs, t, WERR_LIMIT,
		"/dev/x: squashfs can't hold the device number 4096:0");
	for (file.uid = 0; file.uid < OWNERS; file.uid++) {
		str_format(path, sizeof(path), "f%u", file.uid);
		put(owners, path, &file, "");
	}
	assert_image_fails(&packed_squashfs, owners, WERR_LIMIT, "squashfs can hold");
}

static void test_limits_of_erofs(ATTR_UNUSED void **state)
{
	enum { LARGE = 65536 };
	CLEANUP(free) char *value = mem_alloc(LARGE);
	char name[] = "user.x";
	struct tree_xattr large = {name, value, LARGE};
	struct tree_meta with = {.mode = S_IFREG, .xattrs = &large, .n_xattrs = 1};
	struct tree_meta device = {.mode = S_IFCHR, .major = 4096};
	CLEANUP(tree) struct tree *t = new_tree();
	CLEANUP(tree) struct tree *u = new_tree();

	put(t, "etc/x", &with, "");
	assert_image_fails(&packed_erofs, t, WERR_LIMIT,
		"/etc/x: its extended attributes are too large for erofs");
	put(u, "dev/x", &device, NULL);
	assert_image_fails(
		&packed_erofs, u, WERR_LIMIT, "/dev/x: erofs can't hold the device number 4096:0");
}

/* Text that can be compressed; owned by the caller. */
static char *long_text(size_t size)
{
	char *text = mem_alloc(size + 1);

	for (size_t i = 0; i < size; i++)
		text[i] = (char)('a' + i * i / 7 % 23);
	return text;
}

static bool is_same(int a, int b)
{
	char x[IO_CHUNK], y[IO_CHUNK];
	off_t size = lseek(a, 0, SEEK_END);

	if (lseek(b, 0, SEEK_END) != size)
		return false;
	for (off_t at = 0; at < size; at += (off_t)sizeof(x)) {
		ssize_t n = pread(a, x, sizeof(x), at);

		assert_true(n > 0);
		assert_int_equal(pread(b, y, sizeof(y), at), n);
		if (memcmp(x, y, (size_t)n) != 0)
			return false;
	}
	return true;
}

/* A part is the same, whether it takes from another one of its format what both have or not. */
static void test_what_parts_share(ATTR_UNUSED void **state)
{
	enum { SIZE = 300000, BLOCK = 128 << 10 }; /* both formats take a block by itself */
	CLEANUP(packed_memo) struct packed_memo *memo = packed_memo_new(2);
	CLEANUP(free) char *text = long_text(SIZE);
	struct tree_meta meta = {.mode = S_IFREG | 0644};

	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		const struct packed_options shared = {.threads = 2, .memo = memo};
		CLEANUP(tree) struct tree *t = new_tree();
		CLEANUP(tree) struct tree *u = new_tree();
		CLEANUP(fd) int first = -1;
		CLEANUP(fd) int second = -1;
		CLEANUP(fd) int alone = -1;
		CLEANUP(extents) struct extents one = {0};
		CLEANUP(extents) struct extents both = {0};
		struct werr *err = NULL;

		put(t, "a", &meta, text);
		put(t, "c", &meta, text + SIZE - BLOCK);
		put(u, "a", &meta, text);
		put(u, "b", &meta, "other");
		put(u, "c", &meta, text + SIZE - BLOCK);
		assert_ok(image_pack(formats[i], t, &shared, &first, &err), err);
		assert_ok(image_pack(formats[i], u, &shared, &second, &err), err);
		assert_ok(image_pack(formats[i], u, &options, &alone, &err), err);
		assert_true(is_same(second, alone));
		/* In an image of both what they have in common is there once. */
		assert_ok(image_lay_out(formats[i], &alone, 1, 1, &one, &err), err);
		assert_ok(
			image_lay_out(formats[i], (int[]){first, second}, 2, 1, &both, &err), err);
		assert_true(both.size <= one.size + 4096);
	}
}

/* Pack with what an earlier part has; owned by the caller. */
static int pack_after(const struct packed_format *f, struct tree *t, int earlier)
{
	CLEANUP(packed_memo) struct packed_memo *memo = packed_memo_new(2);
	const struct packed_options with = {.threads = 2, .memo = memo};
	const struct io_range range = {earlier, 0, (uint64_t)lseek(earlier, 0, SEEK_END)};
	struct werr *err = NULL;
	int part;

	assert_ok(packed_memo_add_part(memo, f, &range, &err), err);
	assert_ok(image_pack(f, t, &with, &part, &err), err);
	return part;
}

/* The part of an earlier build: it makes no difference, but is used, as a damaged one shows. */
static void test_earlier_parts(ATTR_UNUSED void **state)
{
	CLEANUP(free) char *text = long_text(700000);
	struct tree_meta meta = {.mode = S_IFREG | 0644};

	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		CLEANUP(tree) struct tree *t = new_tree();
		CLEANUP(tree) struct tree *u = new_tree();
		CLEANUP(fd) int earlier = -1;
		CLEANUP(fd) int alone = -1;
		CLEANUP(fd) int after = -1;
		CLEANUP(fd) int damaged = -1;
		struct werr *err = NULL;

		put(t, "a", &meta, text);
		put(t, "c", &meta, text + 600000); /* is among the tails of a squashfs */
		put(u, "0", &meta, "other");
		put(u, "b", &meta, text);
		assert_ok(image_pack(formats[i], t, &options, &earlier, &err), err);
		assert_ok(image_pack(formats[i], u, &options, &alone, &err), err);
		after = pack_after(formats[i], u, earlier);
		assert_true(is_same(after, alone));
		assert_int_equal(pwrite(earlier, "damage", 6, 5), 6);
		damaged = pack_after(formats[i], u, earlier);
		assert_false(is_same(damaged, alone));
	}
}

static void test_damaged_parts(ATTR_UNUSED void **state)
{
	struct tree_meta meta = {.mode = S_IFREG | 0644};
	CLEANUP(tree) struct tree *t = new_tree();
	CLEANUP(extents) struct extents image = {0};
	CLEANUP(fd) int part = -1;
	struct werr *err = NULL;

	put(t, "a", &meta, "text");
	assert_ok(image_pack(&packed_erofs, t, &options, &part, &err), err);
	assert_int_equal(ftruncate(part, lseek(part, 0, SEEK_END) - 1), 0);
	assert_fails(image_lay_out(&packed_erofs, &part, 1, 1, &image, &err), err, WERR_CORRUPT,
		"damaged");
	assert_int_equal(ftruncate(part, 3), 0);
	assert_fails(image_lay_out(&packed_erofs, &part, 1, 1, &image, &err), err, WERR_CORRUPT,
		"damaged");
}

static void test_no_room(ATTR_UNUSED void **state)
{
	struct tree_meta meta = {.mode = S_IFREG};
	CLEANUP(tree) struct tree *t = new_tree();
	CLEANUP(writer)
	struct writer *full = fd_writer_new(open("/dev/full", O_WRONLY), FD_OWNED, "out");
	struct packed_content content = {.tree = t};
	CLEANUP(packed_image) struct packed_image *image = NULL;
	struct werr *err = NULL;

	put(t, "a", &meta, "text");
	assert_fails(packed_write(&packed_squashfs, &content, &options, full, &err), err,
		WERR_NO_SPACE, "pack files for a squashfs: can't write out");
	assert_fails(packed_image_new(&packed_erofs, "/nowhere", 1, &image, &err), err,
		WERR_NOT_FOUND, "/nowhere");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty_squashfs),
		cmocka_unit_test(test_empty_erofs),
		cmocka_unit_test(test_other_attributes),
		cmocka_unit_test(test_watched),
		cmocka_unit_test(test_limits_of_squashfs),
		cmocka_unit_test(test_limits_of_erofs),
		cmocka_unit_test(test_what_parts_share),
		cmocka_unit_test(test_earlier_parts),
		cmocka_unit_test(test_damaged_parts),
		cmocka_unit_test(test_no_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
