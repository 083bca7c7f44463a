/* SPDX-License-Identifier: Apache-2.0 */
/* Several processes in one store, processes that are killed, and a disk that is full. */
#include "fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"

enum { ROUNDS = 40, KILL_ROUNDS = 30, LAYER_SIZE = 300000, TIME_LIMIT_S = 300 };

/* A child does its work and ends without the tests' own endings. */
static pid_t start(int (*work)(const char *dir, unsigned n), const char *dir, unsigned n)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		alarm(TIME_LIMIT_S);
		_exit(work(dir, n) < 0);
	}
	return pid;
}

static void wait_for(pid_t pid)
{
	int status = -1;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* Two images that share a layer; one of each kind of blob is their own. */
static void make_source(const char *dir)
{
	CLEANUP(store) struct store *from = fixture_store(dir, "from");
	char *layer = mem_alloc(LAYER_SIZE + 1);

	memset(layer, 'x', LAYER_SIZE);
	fixture_image(from, "a", "amd64", layer, NULL);
	fixture_image(from, "b", "arm64", layer, NULL);
	free(layer);
}

static int import_from(const char *dir, struct werr **err)
{
	CLEANUP(free) char *path = fixture_path(dir, "from");
	CLEANUP(free) char *store = fixture_path(dir, "s");
	CLEANUP(strv) struct strv imported = {0};
	CLEANUP(store) struct store *s = NULL;
	int r = store_open(&s, store, err);

	return r < 0 ? r : store_import(s, path, NULL, NULL, &imported, err);
}

static int say(int r, struct werr *err)
{
	if (r < 0)
		fprintf(stderr, "%s\n", err ? err->message : "failed");
	werr_free(err);
	return r;
}

/* Import again and again: each time both images are whole when the import is over, if they are
 * named. */
static int importer(const char *dir, ATTR_UNUSED unsigned n)
{
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct werr *err = NULL;

		if (say(import_from(dir, &err), err) < 0)
			return -1;
	}
	return 0;
}

/* Remove one of the images whenever it is there, until the file `stop` is. */
static int remover(const char *dir, unsigned n)
{
	CLEANUP(free) char *path = fixture_path(dir, "s");
	CLEANUP(free) char *stop = fixture_path(dir, "stop");

	while (!file_exists(stop)) {
		CLEANUP(store) struct store *s = NULL;
		struct werr *err = NULL;
		int r = store_open(&s, path, &err);

		if (r == 0)
			r = fixture_remove(s, n ? "b" : "a", &err);
		if (r == -ENOENT)
			werr_free(err);
		else if (say(r, err) < 0)
			return -1;
	}
	return 0;
}

/* What is named is whole, and what is written has its digest. */
static void check_store(const char *dir)
{
	CLEANUP(store) struct store *s = fixture_store(dir, "s");
	struct store_entries e = {0};
	struct werr *err = NULL;

	assert_ok(store_list(s, &e, &err), err);
	for (size_t i = 0; i < e.n; i++)
		assert_int_equal(fixture_check_image(s, e.items[i].name,
					 strstr(e.items[i].name, "/a:") ? "amd64" : "arm64"),
			0);
	store_entries_cleanup(&e);
}

static void test_import_and_remove_at_once(void **state)
{
	const char *dir = *state;
	CLEANUP(free) char *stop = fixture_path(dir, "stop");
	pid_t importers[2], removers[2];

	make_source(dir);
	store_free(fixture_store(dir, "s"));
	for (unsigned i = 0; i < 2; i++) {
		importers[i] = start(importer, dir, i);
		removers[i] = start(remover, dir, i);
	}
	wait_for(importers[0]);
	wait_for(importers[1]);
	assert_int_equal(file_write_atomic(stop, 0644, "", 0, NULL), 0);
	wait_for(removers[0]);
	wait_for(removers[1]);
	check_store(dir);
	assert_int_equal(importer(dir, 0), 0);
	check_store(dir);
}

static int opener(const char *dir, ATTR_UNUSED unsigned n)
{
	CLEANUP(free) char *path = fixture_path(dir, "s");
	CLEANUP(store) struct store *s = NULL;
	struct werr *err = NULL;

	return say(store_open(&s, path, &err), err);
}

static void test_open_at_once(void **state)
{
	for (unsigned round = 0; round < 10; round++) {
		CLEANUP(free) char *path = fixture_path(*state, "s");
		pid_t pids[4];

		for (unsigned i = 0; i < ARRAY_SIZE(pids); i++)
			pids[i] = start(opener, *state, i);
		for (unsigned i = 0; i < ARRAY_SIZE(pids); i++)
			wait_for(pids[i]);
		assert_int_equal(file_remove_all(path, NULL), 0);
	}
}

/* Import, remove one, remove all, and again. */
static int churner(const char *dir, ATTR_UNUSED unsigned n)
{
	CLEANUP(free) char *path = fixture_path(dir, "s");
	int r = 0;

	for (unsigned i = 0; r == 0 && i < ROUNDS; i++) {
		CLEANUP(store) struct store *s = NULL;

		r = import_from(dir, NULL);
		if (r == 0)
			r = store_open(&s, path, NULL);
		if (r == 0)
			r = fixture_remove(s, "a", NULL);
		if (r == 0)
			r = store_clean(s, NULL);
	}
	return r;
}

/* kill -9 at any moment: the store opens, what it names is whole, the next import works and clears
 * up. */
static void test_kill(void **state)
{
	const char *dir = *state;
	unsigned seed = 1;

	make_source(dir);
	for (unsigned i = 0; i < KILL_ROUNDS; i++) {
		CLEANUP(free) char *path = fixture_path(dir, "s");
		struct timespec moment = {.tv_nsec = rand_r(&seed) % 40000 * 1000L};
		pid_t pid = start(i % 4 < 2 ? importer : churner, dir, 0);
		struct werr *err = NULL;

		nanosleep(&moment, NULL);
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		if (file_exists(path))
			check_store(dir);
		if (i % 2)
			continue;
		assert_ok(import_from(dir, &err), err);
		check_store(dir);
		CLEANUP(store) struct store *s = fixture_store(dir, "s");
		assert_int_equal(fixture_entries(s, "ingest"), 0);
		assert_int_equal(fixture_entries(s, "blobs/sha256"), 5);
		assert_ok(store_clean(s, &err), err);
		assert_int_equal(fixture_entries(s, "blobs/sha256"), 0);
	}
}

/* While one process holds the store, another one's removal leaves the blobs alone; afterwards they
 * go. */
static void test_hold(void **state)
{
	CLEANUP(store) struct store *s = fixture_store(*state, "s");
	struct store *writer = fixture_store(*state, "s");
	struct descriptor d = {0};
	struct werr *err = NULL;

	fixture_image(s, "x", "amd64", "layer", NULL);
	assert_ok(store_put(writer, "not named yet", 13, &d, &err), err);
	assert_ok(fixture_remove(s, "x", &err), err);
	assert_true(fixture_has_blob(s, &d.digest));
	store_free(writer);
	assert_ok(store_clean(s, &err), err);
	assert_false(fixture_has_blob(s, &d.digest));
}

static bool write_line(const char *path, const char *line)
{
	CLEANUP(fd) int fd = open(path, O_WRONLY | O_CLOEXEC);

	return fd >= 0 && fd_write_all(fd, line, strlen(line)) == 0;
}

/* A file system of a few blocks, in name spaces of our own, where any user may mount one. */
static bool mount_small_disk(const char *path)
{
	CLEANUP(free) char *uid_map = str_printf("0 %u 1", (unsigned)geteuid());
	CLEANUP(free) char *gid_map = str_printf("0 %u 1", (unsigned)getegid());

	return unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 &&
	       write_line("/proc/self/setgroups", "deny") &&
	       write_line("/proc/self/uid_map", uid_map) &&
	       write_line("/proc/self/gid_map", gid_map) &&
	       mount("none", path, "tmpfs", 0, "size=160k") == 0;
}

enum { NOT_ALLOWED = 77 };

static int full_disk(const char *dir, ATTR_UNUSED unsigned n)
{
	CLEANUP(free) char *path = fixture_path(dir, "s");
	CLEANUP(store) struct store *s = NULL;
	CLEANUP(werr) struct werr *err = NULL;
	struct store_entries e = {0};
	int r;

	if (!mount_small_disk(path))
		_exit(NOT_ALLOWED);
	r = import_from(dir, &err);
	if (r != -ENOSPC || !strstr(err->message, "can't write to the store") || !err->hint) {
		fprintf(stderr, "%d: %s\n", r, err ? err->message : "no error");
		return -1;
	}
	/* The store is as before: usable, without names, and without anything half-written. */
	s = fixture_store(dir, "s");
	if (store_list(s, &e, NULL) < 0 || e.n > 0)
		return -1;
	return fixture_entries(s, "ingest") + fixture_entries(s, "blobs/sha256") > 0 ? -1 : 0;
}

static void test_full_disk(void **state)
{
	CLEANUP(free) char *path = fixture_path(*state, "s");
	int status = -1;
	pid_t pid;

	make_source(*state);
	assert_ok(file_make_dirs(path, 0755, NULL), (struct werr *)NULL);
	pid = start(full_disk, *state, 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == NOT_ALLOWED)
		print_message("no mounts allowed here: a full disk was not tried\n");
	else
		assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
#define TEST(f_) cmocka_unit_test_setup_teardown(f_, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_import_and_remove_at_once),
		TEST(test_open_at_once),
		TEST(test_kill),
		TEST(test_hold),
		TEST(test_full_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
