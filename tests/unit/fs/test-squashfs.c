/* SPDX-License-Identifier: Apache-2.0 */
/* What squashfs can't hold, and what can go wrong; test-peers.py looks into the images. */
#include "check.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "fs/fs.h"

static const struct fs_options options = {.scratch_dir = "/tmp", .threads = 2, .time = 0x11223344};

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
static char *image_of(const struct tree *t, size_t *ret_size)
{
	CLEANUP(writer) struct writer *to = NULL;
	CLEANUP(reader) struct reader *from = NULL;
	struct werr *err = NULL;
	char *bytes = NULL;
	int fd;

	assert_ok(file_open_unnamed("/tmp", &fd, &err), err);
	to = fd_writer_new(fd, FD_OWNED, "image");
	assert_ok(fs_squashfs.write(t, &options, to, &err), err);
	from = fd_range_reader_new(fd, "image", 0, (uint64_t)lseek(fd, 0, SEEK_END));
	assert_ok(reader_read_all(from, 1 << 20, &bytes, ret_size, &err), err);
	return bytes;
}

/* The superblock: magic, one inode, the time, blocks of 128 KiB, zstd. */
static void test_empty_tree(ATTR_UNUSED void **state)
{
	static const char head[] = "hsqs\1\0\0\0\x44\x33\x22\x11\0\0\2\0\0\0\0\0\6\0\x11\0";
	CLEANUP(tree) struct tree *t = new_tree();
	CLEANUP(free) char *bytes = NULL;
	size_t size;

	bytes = image_of(t, &size);
	assert_int_equal(size, 4096);
	assert_memory_equal(bytes, head, sizeof(head) - 1);
}

/* An attribute that the format has no name for does not make a difference. */
static void test_other_attributes(ATTR_UNUSED void **state)
{
	char name[] = "system.posix_acl_access", value[] = "x";
	struct tree_xattr acl = {name, value, 1};
	struct tree_meta plain = {.mode = S_IFREG | 0644};
	struct tree_meta with = {.mode = S_IFREG | 0644, .xattrs = &acl, .n_xattrs = 1};
	CLEANUP(tree) struct tree *t = new_tree();
	CLEANUP(tree) struct tree *u = new_tree();
	CLEANUP(free) char *a = NULL;
	CLEANUP(free) char *b = NULL;
	size_t size, other;

	put(t, "a", &plain, "text");
	put(u, "a", &with, "text");
	a = image_of(t, &size);
	b = image_of(u, &other);
	assert_int_equal(size, other);
	assert_memory_equal(a, b, size);
}

/* Each file's bytes are seen once, whatever its names. */
static void test_watched(ATTR_UNUSED void **state)
{
	struct tree_meta meta = {.mode = S_IFREG | 0644};
	uint64_t count = 0;
	CLEANUP(tree) struct tree *t = new_tree();
	CLEANUP(writer) struct writer *watch = count_writer_new(NULL, &count);
	CLEANUP(writer) struct writer *to = count_writer_new(NULL, NULL);
	struct fs_options watched = options;
	struct werr *err = NULL;

	put(t, "a", &meta, "text");
	put(t, "b", &meta, "text");
	assert_ok(tree_link(t, "c", tree_find(t, "a"), &err), err);
	watched.watch = watch;
	assert_ok(fs_squashfs.write(t, &watched, to, &err), err);
	assert_int_equal(count, 8);
}

static void assert_image_fails(
	const struct tree *t, const struct fs_options *o, enum werr_kind kind, const char *part)
{
	CLEANUP(writer) struct writer *to = count_writer_new(NULL, NULL);
	struct werr *err = NULL;

	assert_fails(fs_squashfs.write(t, o, to, &err), err, kind, part);
}

static void test_limits(ATTR_UNUSED void **state)
{
	enum { OWNERS = 65537 };
	struct tree_meta device = {.mode = S_IFCHR, .major = 4096};
	struct tree_meta file = {.mode = S_IFREG};
	CLEANUP(tree) struct tree *t = new_tree();
	CLEANUP(tree) struct tree *owners = new_tree();
	char path[20];

	put(t, "dev/x", &device, NULL);
	assert_image_fails(t, &options, WERR_LIMIT,
		"/dev/x: squashfs can't hold the device number "
		"4096:0");
	for (file.uid = 0; file.uid < OWNERS; file.uid++) {
		str_format(path, sizeof(path), "f%u", file.uid);
		put(owners, path, &file, "");
	}
	assert_image_fails(owners, &options, WERR_LIMIT, "squashfs can hold");
}

static void test_no_room(ATTR_UNUSED void **state)
{
	struct tree_meta meta = {.mode = S_IFREG};
	struct fs_options nowhere = options;
	CLEANUP(tree) struct tree *t = new_tree();
	CLEANUP(writer)
	struct writer *full = fd_writer_new(open("/dev/full", O_WRONLY), FD_OWNED, "out");
	struct werr *err = NULL;
	struct rlimit old, small;

	put(t, "a", &meta, "text");
	nowhere.scratch_dir = "/nowhere";
	assert_image_fails(t, &nowhere, WERR_NOT_FOUND, "/nowhere");
	assert_fails(fs_squashfs.write(t, &options, full, &err), err, WERR_NO_SPACE, "write out");

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	small = old;
	small.rlim_cur = 100;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_fails(fs_squashfs.write(t, &options, full, &err), err, WERR_FAILED,
		"make a squashfs: can't use a file in /tmp: File too large");
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty_tree),
		cmocka_unit_test(test_other_attributes),
		cmocka_unit_test(test_watched),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_no_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
