/* SPDX-License-Identifier: Apache-2.0 */
/* User data as files, and names that would lead elsewhere. */
#include "check.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "metadata/confdir.h"
#include "metadata/userdata.h"
#include "temp-dir.h"

static int open_dir(void **state)
{
	int fd = -1;

	assert_int_equal(confdir_open(*state, &fd, NULL), 0);
	return fd;
}

static void check_file(int fd, const char *path, const char *text, mode_t mode)
{
	char read_text[256] = {0};
	struct stat st;
	CLEANUP(fd) int file = openat(fd, path, O_RDONLY);

	assert_true(file >= 0);
	assert_true(read(file, read_text, sizeof(read_text) - 1) >= 0);
	assert_string_equal(read_text, text);
	assert_int_equal(fstat(file, &st), 0);
	assert_int_equal(st.st_mode & 07777, mode);
}

static int write_text(int fd, const char *text, struct werr **err)
{
	CLEANUP(strv) struct strv own = {0};

	strv_add(&own, "provider");
	strv_add(&own, "credentials");
	return userdata_write(fd, &own, text, strlen(text), err);
}

/* The example of LinuxKit's documentation has this shape. */
static void test_a_tree(void **state)
{
	static const char text[] =
		" {\"ssh\": {\"entries\": {\"sshd_config\": {\"perm\": \"0600\", "
		"\"content\": \"A\\nB\"}}},"
		"\"foo\": {\"perm\": \"0711\", \"entries\": {\"bar\": {\"content\": \"1\"},"
		"\"deep\": {\"entries\": {\"x\": {\"content\": \"\", \"perm\": \"4755\"}}}}},"
		"\"hostname\": {\"content\": \"me\", \"perm\": \"\"}}";
	CLEANUP(fd) int fd = open_dir(state);
	struct werr *err = NULL;
	struct stat st;

	assert_ok(write_text(fd, text, &err), err);
	check_file(fd, "ssh/sshd_config", "A\nB", 0600);
	check_file(fd, "foo/bar", "1", 0644);
	/* Neither setuid nor the like. */
	check_file(fd, "foo/deep/x", "", 0755);
	check_file(fd, "hostname", "me", 0644);
	assert_int_equal(fstatat(fd, "foo", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0711);
	/* Again, over what is there. */
	assert_ok(write_text(fd, text, &err), err);
	assert_int_equal(dir_entries(*state), 4);
}

static void test_any_text(void **state)
{
	CLEANUP(fd) int fd = open_dir(state);
	struct werr *err = NULL;

	assert_ok(write_text(fd, "#cloud-config\n", &err), err);
	check_file(fd, "userdata", "#cloud-config\n", 0644);
	assert_ok(write_text(fd, "", &err), err);
	check_file(fd, "userdata", "", 0644);
	assert_fails(write_text(fd, "{not JSON", &err), err, WERR_INVALID, "");
	check_file(fd, "userdata", "{not JSON", 0644);
}

/* Each is left out and told; what is beside it is written. */
static void test_entries_that_are_none(void **state)
{
	static const struct {
		const char *entry, *message;
	} bad[] = {
		{"\"a\": 1", "neither content nor entries"},
		{"\"a\": {}", "neither content nor entries"},
		{"\"a\": {\"content\": \"x\", \"entries\": {}}", "both content and entries"},
		{"\"a\": {\"content\": 1}", "not text"},
		{"\"a\": {\"entries\": []}", "not a map"},
		{"\"a\": {\"content\": \"x\", \"perm\": 600}", "perm is not a mode"},
		{"\"a\": {\"content\": \"x\", \"perm\": \"rw\"}", "perm is not a mode"},
		{"\"a\": {\"content\": \"x\", \"perm\": \"0999\"}", "perm is not a mode"},
		{"\"a\": {\"content\": \"x\", \"perm\": \"10000\"}", "perm is not a mode"},
		{"\"..\": {\"content\": \"x\"}", "not the name of a file"},
		{"\".\": {\"entries\": {\"x\": {\"content\": \"x\"}}}", "not the name of a file"},
		{"\"\": {\"content\": \"x\"}", "not the name of a file"},
		{"\"../a\": {\"content\": \"x\"}", "not the name of a file"},
		{"\"/etc/a\": {\"content\": \"x\"}", "not the name of a file"},
		{"\"a\\n\": {\"content\": \"x\"}", "not the name of a file"},
		{"\"..\": {\"entries\": {\"a\": {\"content\": \"x\"}}}", "not the name of a file"},
	};
	CLEANUP(fd) int fd = open_dir(state);

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		CLEANUP(free)
		char *text = str_printf("{%s, \"good\": {\"content\": \"%zu\"}}", bad[i].entry, i);
		CLEANUP(free) char *number = str_printf("%zu", i);
		struct werr *err = NULL;

		assert_fails(write_text(fd, text, &err), err, WERR_INVALID, bad[i].message);
		check_file(fd, "good", number, 0644);
		assert_int_equal(dir_entries(*state), 2); /* good, userdata */
	}
}

/* What the provider says, and the user data themselves. Elsewhere these are names as others. */
static void test_names_of_others(void **state)
{
	static const char *const bad[] = {"\"userdata\": {\"content\": \"x\"}",
		"\"userdata\": {\"entries\": {}}", "\"provider\": {\"content\": \"x\"}",
		"\"credentials\": {\"entries\": {\"x\": {\"content\": \"x\"}}}"};
	CLEANUP(fd) int fd = open_dir(state);
	struct werr *err = NULL;

	assert_int_equal(confdir_write(fd, "provider", "cloud", 5, 0644, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		CLEANUP(free)
		char *text = str_printf("{%s, \"good\": {\"content\": \"1\"}}", bad[i]);

		assert_fails(write_text(fd, text, &err), err, WERR_INVALID, "metadata's own");
		check_file(fd, "userdata", text, 0644);
		check_file(fd, "provider", "cloud", 0644);
		check_file(fd, "good", "1", 0644);
		assert_int_equal(dir_entries(*state), 3);
	}
	assert_ok(write_text(fd,
			  "{\"a\": {\"entries\": {\"userdata\": {\"content\": \"x\"},"
			  "\"provider\": {\"content\": \"y\"}}}}",
			  &err),
		err);
	check_file(fd, "a/userdata", "x", 0644);
}

static void test_links_are_not_followed(void **state)
{
	CLEANUP(fd) int fd = open_dir(state);
	struct werr *err = NULL;
	struct stat st;

	assert_int_equal(mkdirat(fd, "outside", 0700), 0);
	assert_int_equal(symlinkat("outside", fd, "dir"), 0);
	assert_int_equal(symlinkat("outside/victim", fd, "file"), 0);
	assert_true(write_text(fd, "{\"dir\": {\"entries\": {\"x\": {\"content\": \"y\"}}}}",
			    &err) < 0);
	werr_free(STEAL(err));
	/* A link is replaced, not written through. */
	assert_ok(write_text(fd, "{\"file\": {\"content\": \"mine\"}}", &err), err);
	check_file(fd, "file", "mine", 0644);
	assert_int_equal(fstatat(fd, "file", &st, AT_SYMLINK_NOFOLLOW), 0);
	assert_true(S_ISREG(st.st_mode));
	assert_int_equal(faccessat(fd, "outside/victim", F_OK, 0), -1);
	assert_int_equal(faccessat(fd, "outside/x", F_OK, 0), -1);
	/* A directory in the place of a file stays. */
	assert_fails(write_text(fd, "{\"outside\": {\"content\": \"x\"}}", &err), err, WERR_FAILED,
		"can't write outside");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_IN_DIR(test_a_tree),
		TEST_IN_DIR(test_any_text),
		TEST_IN_DIR(test_entries_that_are_none),
		TEST_IN_DIR(test_names_of_others),
		TEST_IN_DIR(test_links_are_not_followed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
