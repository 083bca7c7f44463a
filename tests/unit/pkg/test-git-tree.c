/* SPDX-License-Identifier: Apache-2.0 */
/* git's hash without git, compared with git's own. */
#include "pkg/git-tree.h"

#include "pkg/pkg-list.h"
#include "repository.h"

static void assert_same(const char *top)
{
	CLEANUP(free) char *tree = git(top, "git add -A && git write-tree");
	CLEANUP(strv) struct strv names = {0};
	char hash[GIT_HASH_DIGITS + 1];
	struct werr *err = NULL;

	assert_ok(pkg_list(top, PKG_LIST_FILES, &names, &err), err);
	assert_ok(git_tree_hash(top, &names, hash, &err), err);
	assert_string_equal(hash, tree);
}

/* git sorts a directory as if its name ended with a slash. */
static void names_are_sorted_as_git_does(void **state)
{
	static const char *const steps[] = {
		"mkdir -p a/b/c a.b && echo 1 > a/b/c/d && echo 2 > a.b/x && echo 3 > a-b",
		"echo 4 > a0 && echo 5 > 'a b' && mkdir ab && echo 6 > ab/f && echo 7 > a/f",
		"mkdir A '\303\244' && echo > A/x && echo > \303\244/y && echo > 'new\nline'",
	};

	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		run(*state, steps[i]);
		assert_same(*state);
	}
}

static void kinds_of_files_are_as_in_git(void **state)
{
	static const char *const steps[] = {
		"ln -s /etc/passwd l && ln -s nowhere m && ln -s pkg d",
		"chmod 755 pkg/one/f && chmod 600 pkg/two/g",
		"chmod 654 pkg/one/f && chmod 711 pkg/two/g", /* only the owner's bit counts */
		"mkdir empty empty/more && mkfifo fifo",      /* git does not keep these */
		": > nothing && head -c 200001 /dev/zero > much",
		"rm -rf pkg/two",
	};

	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		run(*state, steps[i]);
		assert_same(*state);
	}
}

static void a_file_is_a_blob(void **state)
{
	CLEANUP(free) char *path = path_join(*state, "pkg/one/f");
	CLEANUP(free) char *blob = git(*state, "git rev-parse HEAD:pkg/one/f");
	char hash[GIT_HASH_DIGITS + 1];
	struct werr *err = NULL;

	assert_ok(git_tree_hash(path, &none, hash, &err), err);
	assert_string_equal(hash, blob);
}

static void what_is_gone_is_left_out(void **state)
{
	CLEANUP(strv) struct strv names = {0};
	char hash[GIT_HASH_DIGITS + 1];
	struct werr *err = NULL;

	strv_add(&names, "gone");
	strv_add(&names, "pkg/gone");
	assert_ok(git_tree_hash(*state, &names, hash, &err), err);
	assert_string_equal(hash, "4b825dc642cb6eb9a060e54bf8d69288fbee4904");
}

static void it_has_limits(void **state)
{
	CLEANUP(strv) struct strv names = {0};
	char hash[GIT_HASH_DIGITS + 1];
	struct werr *err = NULL;

	assert_fails(git_tree_hash("/nonexistent", &none, hash, &err), err, WERR_NOT_FOUND,
		"can't open /nonexistent");
	run(*state, "d=.; for i in $(seq 70); do d=$d/d; done; mkdir -p $d && echo > $d/f");
	assert_fails(pkg_list(*state, PKG_LIST_FILES, &names, &err), err, WERR_LIMIT, "too deep");
	strv_clear(&names);
	strv_addf(&names, "%s",
		"d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/"
		"d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/f");
	assert_fails(git_tree_hash(*state, &names, hash, &err), err, WERR_LIMIT, "too deep");
	/* A link in the place of a directory does not lead out. */
	strv_clear(&names);
	strv_add(&names, "link/passwd");
	run(*state, "ln -s /etc link");
	assert_fails(git_tree_hash(*state, &names, hash, &err), err, WERR_INVALID, "leads out");
}

#define CASE(f_) cmocka_unit_test_setup_teardown(f_, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(names_are_sorted_as_git_does),
		CASE(kinds_of_files_are_as_in_git),
		CASE(a_file_is_a_blob),
		CASE(what_is_gone_is_left_out),
		CASE(it_has_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
