/* SPDX-License-Identifier: Apache-2.0 */
/* The hash of a package, in git repositories that are made for it. */
#include "pkg/git-hash.h"

#include <openssl/evp.h>

#include "pkg/git-files.h"
#include "repository.h"

static void a_clean_directory_has_its_tree_hash(void **state)
{
	CLEANUP(free) char *hash = hash_of(*state, "pkg/one");
	CLEANUP(free) char *tree = git(*state, "git rev-parse HEAD:pkg/one");
	CLEANUP(free) char *top = hash_of(*state, "");
	CLEANUP(free) char *top_tree = git(*state, "git show --format=%T -s HEAD");

	assert_string_equal(hash, tree);
	assert_string_equal(top, top_tree);
}

static void extra_sources_are_hashed_together(void **state)
{
	CLEANUP(free) char *two = path_join(*state, "pkg/two");
	CLEANUP(strv) struct strv extra = {0};
	CLEANUP(free)
	char *expected = git(*state,
		"printf %s%s $(git rev-parse HEAD:pkg/one) $(git rev-parse HEAD:pkg/two) | "
		"sha1sum | cut -c1-40");
	CLEANUP(free) char *hash = NULL;

	strv_add(&extra, two);
	hash = hash_with(*state, "pkg/one", &extra, false);
	assert_string_equal(hash, expected);
}

static void a_change_elsewhere_is_no_change(void **state)
{
	CLEANUP(free) char *before = hash_of(*state, "pkg/one");

	run(*state, "echo 3 >> pkg/two/g; touch pkg/one/x.o pkg/one/f");
	CLEANUP(free) char *after = hash_of(*state, "pkg/one");

	assert_string_equal(before, after);
}

/* Each change gives another hash, and taking it back gives the first one again. */
static void changes_make_it_dirty(void **state)
{
	static const char *const changes[] = {"echo x >> pkg/one/f", "echo new > pkg/one/new",
		"chmod +x pkg/one/f", "git mv pkg/one/f pkg/one/g", "rm pkg/one/f",
		"ln -s f pkg/one/l", "echo x >> pkg/one/f; git add pkg/one/f"};
	CLEANUP(free) char *clean = hash_of(*state, "pkg/one");
	CLEANUP(strv) struct strv seen = {0};

	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		run(*state, changes[i]);
		CLEANUP(free) char *dirty = hash_of(*state, "pkg/one");

		assert_non_null(str_after(dirty, clean));
		assert_non_null(str_after(dirty + strlen(clean), "-dirty-"));
		assert_int_equal(strlen(dirty), strlen(clean) + strlen("-dirty-") + 7);
		/* The first and the last change leave the same content: staged or not is no
		 * difference. */
		assert_true(strv_has(&seen, dirty) == (i == ARRAY_SIZE(changes) - 1));
		strv_add(&seen, dirty);
		run(*state, "git reset -q --hard && git clean -qfd");
		CLEANUP(free) char *again = hash_of(*state, "pkg/one");

		assert_string_equal(again, clean);
	}
}

static void changed_extra_sources_make_it_dirty(void **state)
{
	CLEANUP(free) char *two = path_join(*state, "pkg/two");
	CLEANUP(strv) struct strv extra = {0};

	strv_add(&extra, two);
	run(*state, "echo 3 >> pkg/two/g");
	CLEANUP(free) char *hash = hash_with(*state, "pkg/one", &extra, false);

	assert_non_null(strstr(hash, "-dirty-"));
}

static void dirty_can_be_forced(void **state)
{
	CLEANUP(free) char *hash = hash_with(*state, "pkg/one", &none, true);

	assert_non_null(strstr(hash, "-dirty-"));
}

static void what_git_does_not_know_is_an_error(void **state)
{
	CLEANUP(free) char *dir = path_join(*state, "pkg/three");
	struct werr *err = NULL;
	char *outside = NULL, *hash = NULL;

	assert_ok(file_make_dirs(dir, 0755, &err), err);
	run(dir, "echo 1 > ignored.o");
	assert_fails(git_hash(dir, &none, "HEAD", false, NULL, &hash, &err), err, WERR_NOT_FOUND,
		"git knows no file in");
	run(dir, "echo 1 > new");
	assert_fails(git_hash(dir, &none, "HEAD~0", false, NULL, &hash, &err), err, WERR_NOT_FOUND,
		"the commit HEAD~0 does not have");
	assert_ok(file_temp_dir("/tmp", "no-git", &outside, &err), err);
	assert_true(git_hash(outside, &none, "HEAD", false, NULL, &hash, &err) < 0);
	assert_non_null(strstr(err->message, "not in a git repository"));
	assert_non_null(strstr(err->hint, "--hash"));
	werr_free(err);
	err = NULL;
	run(outside, "git init -q .");
	assert_fails(git_hash(outside, &none, "HEAD", false, NULL, &hash, &err), err,
		WERR_NOT_FOUND, "git knows no file in");
	file_remove_all(outside, NULL);
	free(outside);
}

/* Its hash begins with the one that it has after a commit. */
static void a_new_directory_is_a_change(void **state)
{
	CLEANUP(free) char *dir = path_join(*state, "pkg/three");
	CLEANUP(free) char *before = NULL, *tree = NULL;
	struct werr *err = NULL;

	run(*state, "mkdir -p pkg/three/sub && echo 1 > pkg/three/f && echo 1 > pkg/three/x.o && "
		    "ln -s f pkg/three/sub/l && chmod +x pkg/three/f");
	assert_ok(git_hash(dir, &none, "HEAD", false, NULL, &before, &err), err);
	run(*state, "git add . && git commit -qm three");
	tree = git(*state, "git rev-parse HEAD:pkg/three");
	assert_non_null(str_after(before, tree));
	assert_non_null(str_after(before + strlen(tree), "-dirty-"));
}

static void many_directories_are_known_at_once(void **state)
{
	CLEANUP(free)
	char *one = path_join(*state, "pkg/one"), *two = path_join(*state, "pkg/one/../two");
	CLEANUP(free)
	char *three = path_join(*state, "pkg/three"), *inner = path_join(*state, "inner/p");
	CLEANUP(git_known) struct git_known *known = NULL, *less = NULL;
	CLEANUP(strv) struct strv directories = {0};
	const char *hash;
	bool dirty;

	/* A repository within the first one, and a name that is the beginning of another. */
	run(*state,
		"git init -q inner && mkdir inner/p && echo 1 > inner/p/f && git -C inner add . && "
		"git -C inner commit -qm inner && "
		"echo x > inner/p/new && mkdir pkg/one-and-a-half && "
		"echo x > pkg/one-and-a-half/f && echo x >> pkg/two/g");
	strv_add(&directories, one);
	strv_add(&directories, two);
	strv_add(&directories, inner);
	strv_add(&directories, "/");
	strv_add(&directories, "/nonexistent");
	known = git_known_new(&directories);
	assert_true(git_known_get(known, one, &hash, &dirty) && !dirty);
	assert_true(git_known_get(known, two, &hash, &dirty) && dirty);
	assert_true(git_known_get(known, inner, &hash, &dirty) && dirty);
	assert_false(git_known_get(known, "/", &hash, &dirty));
	assert_false(git_known_get(known, "/nonexistent", &hash, &dirty));
	/* One that HEAD does not have leaves its repository to be asked one by one. */
	run(*state, "mkdir pkg/three");
	strv_add(&directories, three);
	less = git_known_new(&directories);
	assert_false(git_known_get(less, one, &hash, &dirty));
	assert_true(git_known_get(less, inner, &hash, &dirty));
	/* A repository of which the environment speaks, as it does in a hook, is none of ours. */
	setenv("GIT_DIR", "/nonexistent", 1);
	git_known_free(less);
	less = git_known_new(&directories);
	unsetenv("GIT_DIR");
	assert_true(git_known_get(less, inner, &hash, &dirty));
}

static void changes_are_read_whole_or_not(void **state)
{
	static const char good[] = " M a\0?? b c\0R  new\0old\0A  d";
	CLEANUP(strv) struct strv paths = {0}, none_of_it = {0};
	struct werr *err = NULL;
	CLEANUP(free) char *all = NULL;

	(void)state;
	assert_ok(git_parse_status(good, sizeof(good), &paths, &err), err);
	all = strv_join(&paths, "|");
	assert_string_equal(all, "a|b c|new|old|d");
	assert_fails(git_parse_status(good, sizeof(good) - 1, &none_of_it, &err), err, WERR_FAILED,
		"changes");
	assert_fails(git_parse_status("R  a", 5, &none_of_it, &err), err, WERR_FAILED, "changes");
	assert_fails(git_parse_status("M", 2, &none_of_it, &err), err, WERR_FAILED, "changes");
	strv_clear(&none_of_it);
}

#define CASE(f_) cmocka_unit_test_setup_teardown(f_, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_clean_directory_has_its_tree_hash),
		CASE(extra_sources_are_hashed_together),
		CASE(a_change_elsewhere_is_no_change),
		CASE(changes_make_it_dirty),
		CASE(changed_extra_sources_make_it_dirty),
		CASE(dirty_can_be_forced),
		CASE(what_git_does_not_know_is_an_error),
		CASE(a_new_directory_is_a_change),
		CASE(many_directories_are_known_at_once),
		cmocka_unit_test(changes_are_read_whole_or_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
