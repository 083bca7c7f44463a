/* SPDX-License-Identifier: Apache-2.0 */
#include "temp-dir.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/atomic-file.h"
#include "base/file.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/str.h"

static char *in(void **state, const char *name)
{
	const char *dir = *state;

	return str_printf("%s/%s", dir, name);
}

static void assert_content(const char *path, const char *expected)
{
	CLEANUP(free) char *text = NULL;
	struct werr *err = NULL;
	size_t size;

	assert_ok(file_read(path, 100, &text, &size, &err), err);
	assert_string_equal(text, expected);
}

static void write_named(const char *path, const char *text)
{
	struct werr *err = NULL;

	assert_ok(file_write_named(path, 0644, text, strlen(text), &err), err);
}

static mode_t type_of(const char *path)
{
	struct stat st;

	assert_int_equal(lstat(path, &st), 0);
	return st.st_mode & S_IFMT;
}

static void test_links_are_followed(void **state)
{
	CLEANUP(free) char *file = in(state, "file");
	CLEANUP(free) char *link = in(state, "link");
	CLEANUP(free) char *chain = in(state, "chain");
	CLEANUP(free) char *loop = in(state, "loop");
	struct werr *err = NULL;

	assert_int_equal(symlink("file", link), 0);
	assert_int_equal(symlink(link, chain), 0);
	assert_int_equal(symlink("loop", loop), 0);
	write_named(chain, "made");
	assert_content(file, "made");
	write_named(chain, "replaced");
	assert_content(file, "replaced");
	assert_int_equal(type_of(file), S_IFREG);
	assert_int_equal(type_of(link), S_IFLNK);
	assert_int_equal(type_of(chain), S_IFLNK);
	assert_fails(file_write_named(loop, 0644, "x", 1, &err), err, WERR_FAILED, "can't write");

	/* The program's own files are replaced, whatever is in their place. */
	assert_ok(file_write_atomic(link, 0644, "own", 3, &err), err);
	assert_int_equal(type_of(link), S_IFREG);
	assert_content(file, "replaced");
}

static void test_pipes_are_written_into(void **state)
{
	CLEANUP(free) char *path = in(state, "fifo");
	CLEANUP(free) char *link = in(state, "link");
	char text[8] = {0};
	int fd;

	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(symlink("fifo", link), 0);
	fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	assert_true(fd >= 0);
	write_named(path, "one");
	write_named(link, "two");
	assert_int_equal(read(fd, text, sizeof(text)), 6);
	assert_string_equal(text, "onetwo");
	assert_int_equal(type_of(path), S_IFIFO);
	close(fd);
}

static void test_devices_are_written_into(void **state)
{
	CLEANUP(free) char *path = in(state, "null");
	int fd;

	write_named("/dev/null", "x");
	assert_int_equal(type_of("/dev/null"), S_IFCHR);
	/* One made here, where it may be created and opened. */
	if (mknod(path, S_IFCHR | 0600, makedev(1, 3)) < 0)
		skip();
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		skip();
	close(fd);
	write_named(path, "x");
	assert_int_equal(type_of(path), S_IFCHR);
	assert_int_equal(dir_entries(*state), 1);
}

static void test_own_descriptors(void **state)
{
	CLEANUP(free) char *path = in(state, "file");
	CLEANUP(free) char *link = in(state, "link");
	CLEANUP(free) char *name = NULL;
	struct werr *err = NULL;
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	name = str_printf("/dev/fd/%d", fd);
	assert_int_equal(fd_write_all(fd, "before ", 7), 0);
	write_named(name, "behind");
	assert_content(path, "before behind");
	close(fd);
	assert_fails(file_write_named("/dev/fd/1000000", 0644, "x", 1, &err), err, WERR_NOT_FOUND,
		"can't write /dev/fd/1000000");

	assert_int_equal(symlink("/dev/fd/1", link), 0);
	assert_true(file_is_stdout("/dev/stdout"));
	assert_true(file_is_stdout("/proc/self/fd/1"));
	assert_true(file_is_stdout(link));
	assert_false(file_is_stdout("/dev/stderr"));
	assert_false(file_is_stdout(path));
	assert_false(file_is_stdout("1"));
}

static void test_long_names(void **state)
{
	char name[NAME_MAX + 2];
	CLEANUP(free) char *fits = NULL;
	CLEANUP(free) char *too_long = NULL;
	CLEANUP(free) char *directory = in(state, "directory/");
	struct atomic_file *f = NULL;
	struct werr *err = NULL;

	memset(name, 'n', sizeof(name));
	name[NAME_MAX + 1] = 0;
	too_long = in(state, name);
	name[NAME_MAX] = 0;
	fits = in(state, name);
	write_named(fits, "made");
	write_named(fits, "again");
	assert_content(fits, "again");
	assert_fails(atomic_file_open_named(&f, too_long, 0644, &err), err, WERR_FAILED, "name");
	assert_fails(atomic_file_open(&f, too_long, 0644, &err), err, WERR_FAILED, "name");
	assert_fails(atomic_file_open(&f, directory, 0644, &err), err, WERR_FAILED, "directory");
	assert_fails(atomic_file_open_named(&f, "", 0644, &err), err, WERR_NOT_FOUND, "''");
	assert_int_equal(dir_entries(*state), 1);
}

static struct atomic_file *begin(const char *path, const char *text)
{
	struct atomic_file *f = NULL;
	struct werr *err = NULL;

	assert_ok(atomic_file_open_named(&f, path, 0644, &err), err);
	assert_int_equal(fd_write_all(f->fd, text, strlen(text)), 0);
	return f;
}

static void test_all(void **state)
{
	CLEANUP(free) char *one = in(state, "one");
	CLEANUP(free) char *two = in(state, "two");
	struct atomic_file *files[2];
	struct werr *err = NULL;

	write_named(one, "old");
	files[0] = begin(one, "new one");
	files[1] = begin(two, "new two");
	assert_ok(atomic_file_commit_all(files, 2, &err), err);
	assert_content(one, "new one");
	assert_content(two, "new two");
	for (int i = 0; i < 2; i++)
		atomic_file_free(files[i]);
	assert_int_equal(dir_entries(*state), 2);
	assert_ok(atomic_file_commit_all(files, 0, &err), err);
}

/* The last one can't be renamed: the old content is restored, and new files are removed. */
static void test_or_none(void **state)
{
	CLEANUP(free) char *there = in(state, "there");
	CLEANUP(free) char *none = in(state, "none");
	CLEANUP(free) char *bad = in(state, "bad");
	struct atomic_file *files[3];
	struct werr *err = NULL;
	struct stat before, after;

	write_named(there, "old");
	assert_int_equal(stat(there, &before), 0);
	files[0] = begin(there, "new");
	files[1] = begin(none, "new");
	files[2] = begin(bad, "new");
	assert_int_equal(mkdir(bad, 0755), 0);
	assert_fails(atomic_file_commit_all(files, 3, &err), err, WERR_FAILED, "can't write");
	for (int i = 0; i < 3; i++)
		atomic_file_free(files[i]);
	assert_content(there, "old");
	assert_int_equal(stat(there, &after), 0);
	assert_int_equal(after.st_ino, before.st_ino);
	assert_int_equal(after.st_nlink, 1);
	assert_false(file_exists(none));
	assert_int_equal(type_of(bad), S_IFDIR);
	assert_int_equal(dir_entries(*state), 2);
}

static void test_what_is_new(void **state)
{
	CLEANUP(free) char *path = in(state, "one");
	struct werr *err = NULL;

	for (int i = 0; i < 2; i++) {
		CLEANUP(atomic_file) struct atomic_file *f = begin(path, i ? "second" : "first");

		assert_ok(atomic_file_commit_new(f, &err), err);
	}
	assert_content(path, "first");
	assert_int_equal(dir_entries(*state), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_IN_DIR(test_links_are_followed),
		TEST_IN_DIR(test_pipes_are_written_into),
		TEST_IN_DIR(test_devices_are_written_into),
		TEST_IN_DIR(test_own_descriptors),
		TEST_IN_DIR(test_long_names),
		TEST_IN_DIR(test_what_is_new),
		TEST_IN_DIR(test_all),
		TEST_IN_DIR(test_or_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
