/* SPDX-License-Identifier: Apache-2.0 */
/* A git repository with two packages, and their hashes. */
#ifndef WHERRY_TESTS_UNIT_PKG_REPOSITORY_H
#define WHERRY_TESTS_UNIT_PKG_REPOSITORY_H

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/process.h"
#include "check.h"
#include "pkg/git-hash.h"

static const struct strv none = {0};

static inline char *git(const char *dir, const char *script)
{
	const char *const argv[] = {"/bin/sh", "-ec", script, NULL};
	/* Whoever runs the test: no configuration of theirs, and names that git asks for. */
	const char *const env[] = {"PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/nonexistent",
		"GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_NAME=t", "GIT_AUTHOR_EMAIL=t@example.test",
		"GIT_COMMITTER_NAME=t", "GIT_COMMITTER_EMAIL=t@example.test", NULL};
	struct process_result result = {0};
	struct werr *err = NULL;

	assert_ok(process_run_ok(&(struct process_spec){.argv = argv,
					 .env = env,
					 .cwd = dir,
					 .output_max = 4096,
					 .timeout_seconds = 30},
			  &result, &err),
		err);
	free(result.errors);
	result.output[strcspn(result.output, "\n")] = '\0';
	return result.output;
}

static inline void run(const char *dir, const char *script)
{
	free(git(dir, script));
}

static inline int make_repository(void **state, const char *name)
{
	struct werr *err = NULL;
	char *dir = NULL;

	assert_ok(file_temp_dir("/tmp", name, &dir, &err), err);
	run(dir, "git init -q . && mkdir -p pkg/one pkg/two && echo 1 > pkg/one/f && "
		 "echo 2 > pkg/two/g && "
		 "echo '*.o' > .gitignore && git add . && git commit -qm first");
	*state = dir;
	return 0;
}

static inline int setup(void **state)
{
	return make_repository(state, "a b");
}

static inline int teardown(void **state)
{
	assert_int_equal(file_remove_all(*state, NULL), 0);
	free(*state);
	return 0;
}

static inline char *hash_with(
	const char *top, const char *directory, const struct strv *extra, bool force)
{
	CLEANUP(free) char *dir = path_join(top, directory), *one_by_one = NULL;
	CLEANUP(git_known) struct git_known *known = NULL;
	CLEANUP(strv) struct strv directories = {0};
	struct werr *err = NULL;
	const char *tree;
	char *hash = NULL;
	bool dirty;

	strv_add(&directories, dir);
	strv_add_all(&directories, extra);
	known = git_known_new(&directories);
	assert_true(git_known_get(known, dir, &tree, &dirty));
	assert_ok(git_hash(dir, extra, "HEAD", force, known, &hash, &err), err);
	/* Whether git is asked about all directories at once or about each is no difference. */
	assert_ok(git_hash(dir, extra, "HEAD", force, NULL, &one_by_one, &err), err);
	assert_string_equal(hash, one_by_one);
	return hash;
}

static inline char *hash_of(const char *top, const char *directory)
{
	return hash_with(top, directory, &none, false);
}

#endif
