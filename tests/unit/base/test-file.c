/* SPDX-License-Identifier: Apache-2.0 */
#include "temp-dir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/str.h"

static void test_atomic(void **state)
{
	const char *dir = *state;
	CLEANUP(free) char *path = str_printf("%s/file", dir);
	CLEANUP(free) char *text = NULL;
	struct werr *err = NULL;
	struct atomic_file *f = NULL;
	struct stat st;
	size_t size;

	umask(077);
	assert_ok(file_write_atomic(path, 0644, "old", 3, &err), err);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);

	/* Without a commit the old bytes stay, and nothing else is left. */
	assert_ok(atomic_file_open(&f, path, 0644, &err), err);
	assert_int_equal(fd_write_all(f->fd, "newer", 5), 0);
	atomic_file_free(f);
	assert_ok(file_read(path, 100, &text, &size, &err), err);
	assert_string_equal(text, "old");
	assert_int_equal(dir_entries(dir), 1);

	assert_ok(file_write_atomic(path, 0600, "newer", 5, &err), err);
	free(STEAL(text));
	assert_ok(file_read(path, 5, &text, &size, &err), err);
	assert_string_equal(text, "newer");
	assert_int_equal(dir_entries(dir), 1);
	free(STEAL(text));
	assert_fails(file_read(path, 4, &text, &size, &err), err, WERR_LIMIT, "larger than");
}

static void test_failures(void **state)
{
	const char *dir = *state;
	CLEANUP(free) char *missing = str_printf("%s/none/file", dir);
	struct werr *err = NULL;
	struct atomic_file *f = NULL;
	char *text;
	size_t size;

	assert_fails(atomic_file_open(&f, missing, 0644, &err), err, WERR_NOT_FOUND, "can't write");
	assert_fails(atomic_file_open(&f, dir, 0644, &err), err, WERR_FAILED, "can't write");
	assert_fails(file_read(missing, 9, &text, &size, &err), err, WERR_NOT_FOUND, "can't open");
	assert_fails(file_read(dir, 9, &text, &size, &err), err, WERR_INVALID, "is a directory");
}

static void test_directories(void **state)
{
	const char *dir = *state;
	CLEANUP(free) char *deep = str_printf("%s/a/b/c", dir);
	CLEANUP(free) char *top = str_printf("%s/a", dir);
	CLEANUP(free) char *link = str_printf("%s/a/link", dir);
	CLEANUP(free) char *kept = str_printf("%s/kept", dir);
	struct werr *err = NULL;
	int fd;

	assert_ok(file_make_dirs(deep, 0755, &err), err);
	assert_ok(file_make_dirs(deep, 0755, &err), err);
	assert_ok(file_write_atomic(kept, 0644, "x", 1, &err), err);
	assert_int_equal(symlink("../kept", link), 0);
	chmod(deep, 0);
	assert_ok(file_remove_all(top, &err), err);
	assert_false(file_exists(top));
	assert_true(file_exists(kept));
	assert_ok(file_open_unnamed(dir, &fd, &err), err);
	assert_int_equal(dir_entries(dir), 1);
	close(fd);
}

static void test_small_files(void **state)
{
	const char *dir = *state;
	CLEANUP(free) char *path = str_printf("%s/file", dir);
	char text[6];

	assert_int_equal(file_read_small(path, text, sizeof(text)), -ENOENT);
	assert_int_equal(file_write_atomic(path, 0644, "four", 4, NULL), 0);
	assert_int_equal(file_read_small(path, text, sizeof(text)), 4);
	assert_string_equal(text, "four");
	/* There may be more of it. */
	assert_int_equal(file_write_atomic(path, 0644, "five!", 5, NULL), 0);
	assert_int_equal(file_read_small(path, text, sizeof(text)), -E2BIG);
}

/* A file_visit that counts, and fails for the name "bad". */
static int count(ATTR_UNUSED int dir_fd, const char *name, void *ctx, struct werr **err)
{
	if (str_eq(name, "bad"))
		return werr_set(err, WERR_INVALID, "it is bad");
	++*(int *)ctx;
	return 0;
}

static void test_visits(void **state)
{
	const char *dir = *state;
	CLEANUP(free) char *one = str_printf("%s/.one", dir);
	CLEANUP(free) char *bad = str_printf("%s/bad", dir);
	struct werr *err = NULL;
	int n = 0;

	assert_ok(file_visit_dir(bad, FILE_ABSENT_IS_EMPTY, count, &n, &err), err);
	assert_fails(file_visit_dir(bad, FILE_ABSENT_IS_ERROR, count, &n, &err), err,
		WERR_NOT_FOUND, "can't read the directory");
	assert_ok(file_write_atomic(one, 0644, "x", 1, &err), err);
	assert_ok(file_visit_dir(dir, FILE_ABSENT_IS_ERROR, count, &n, &err), err);
	assert_int_equal(n, 1);
	assert_ok(file_write_atomic(bad, 0644, "x", 1, &err), err);
	assert_fails(file_visit_dir(dir, FILE_ABSENT_IS_ERROR, count, &n, &err), err, WERR_INVALID,
		"bad");
}

/*
 * A directory that is deeper than there are descriptors, with a link out of it and a directory that
 * its owner may not enter.
 */
static void test_remove_deep(void **state)
{
	const char *dir = *state;
	CLEANUP(free) char *outside = str_printf("%s/outside", dir);
	CLEANUP(free) char *kept = str_printf("%s/outside/kept", dir);
	CLEANUP(free) char *top = str_printf("%s/top", dir);
	struct rlimit before, few;
	struct werr *err = NULL;
	int fd;

	assert_ok(file_make_dirs(outside, 0700, &err), err);
	assert_ok(file_make_dirs(top, 0700, &err), err);
	assert_ok(file_write_atomic(kept, 0644, "x", 1, &err), err);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	few = (struct rlimit){120, before.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	fd = open(top, O_RDONLY | O_DIRECTORY);
	for (int i = 0; i < 300; i++) {
		int next;

		assert_int_equal(symlinkat(outside, fd, "link"), 0);
		assert_int_equal(mkdirat(fd, "closed", 0), 0);
		assert_int_equal(mkdirat(fd, "d", 0500), 0);
		assert_int_equal(fchmodat(fd, "d", 0700, 0), 0);
		next = openat(fd, "d", O_RDONLY | O_DIRECTORY);
		assert_true(next >= 0);
		close(fd);
		fd = next;
	}
	close(fd);
	assert_ok(file_remove_all(top, &err), err);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_false(file_exists(top));
	assert_true(file_exists(kept));
}

/* Not "missing" when access is denied; a loop of links denies it even to root. */
static void test_look(ATTR_UNUSED void **state)
{
	CLEANUP(free) char *dir = NULL;
	CLEANUP(free) char *loop = NULL;
	CLEANUP(free) char *below = NULL;
	struct werr *err = NULL;
	bool there;

	assert_ok(file_temp_dir("/tmp", "look", &dir, &err), err);
	loop = str_printf("%s/loop", dir);
	below = str_printf("%s/none/x", dir);
	assert_ok(file_look(dir, &there, &err), err);
	assert_true(there);
	assert_ok(file_look(below, &there, &err), err);
	assert_false(there);
	assert_int_equal(symlink("loop", loop), 0);
	assert_fails(file_look(loop, &there, &err), err, WERR_FAILED, "can't access");
	assert_false(file_exists(loop));
	assert_ok(file_remove_all(dir, &err), err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_look),
		TEST_IN_DIR(test_atomic),
		TEST_IN_DIR(test_failures),
		TEST_IN_DIR(test_directories),
		TEST_IN_DIR(test_small_files),
		TEST_IN_DIR(test_visits),
		TEST_IN_DIR(test_remove_deep),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
