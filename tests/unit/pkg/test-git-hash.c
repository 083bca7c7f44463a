/* SPDX-License-Identifier: Apache-2.0 */
/* The hash of a package, in git repositories that are made for it. */
#include "pkg/git-hash.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/process.h"
#include "check.h"
#include "pkg/git-files.h"

static const struct strv none = {0};

static char *git(const char *dir, const char *script)
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

static void run(const char *dir, const char *script)
{
	free(git(dir, script));
}

static int make_repository(void **state, const char *name)
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

static int setup(void **state)
{
	return make_repository(state, "a b");
}

/* git has a shell run what a configuration names: without blanks it needs no quotes. */
static int setup_plain(void **state)
{
	return make_repository(state, "ab");
}

static int teardown(void **state)
{
	assert_int_equal(file_remove_all(*state, NULL), 0);
	free(*state);
	return 0;
}

static char *hash_with(const char *top, const char *folder, const struct strv *extra, bool force)
{
	CLEANUP(free) char *dir = path_join(top, folder), *one_by_one = NULL;
	CLEANUP(git_known) struct git_known *known = NULL;
	CLEANUP(strv) struct strv folders = {0};
	struct werr *err = NULL;
	const char *tree;
	char *hash = NULL;
	bool dirty;

	strv_add(&folders, dir);
	strv_add_all(&folders, extra);
	known = git_known_new(&folders);
	assert_true(git_known_get(known, dir, &tree, &dirty));
	assert_ok(git_hash(dir, extra, "HEAD", force, known, &hash, &err), err);
	/* Whether git is asked about all folders at once or about each is no difference. */
	assert_ok(git_hash(dir, extra, "HEAD", force, NULL, &one_by_one, &err), err);
	assert_string_equal(hash, one_by_one);
	return hash;
}

static char *hash_of(const char *top, const char *folder)
{
	return hash_with(top, folder, &none, false);
}

static void a_clean_folder_has_its_tree_hash(void **state)
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
	assert_fails(git_hash(dir, &none, "HEAD", false, NULL, &hash, &err), err, WERR_NOT_FOUND,
		"does not have");
	assert_ok(file_temp_dir("/tmp", "no-git", &outside, &err), err);
	assert_true(git_hash(outside, &none, "HEAD", false, NULL, &hash, &err) < 0);
	assert_non_null(strstr(err->message, "not in a git repository"));
	assert_non_null(strstr(err->hint, "--hash"));
	werr_free(err);
	err = NULL;
	run(outside, "git init -q .");
	assert_fails(git_hash(outside, &none, "HEAD", false, NULL, &hash, &err), err,
		WERR_NOT_FOUND, "does not have");
	file_remove_all(outside, NULL);
	free(outside);
}

static void many_folders_are_known_at_once(void **state)
{
	CLEANUP(free)
	char *one = path_join(*state, "pkg/one"), *two = path_join(*state, "pkg/one/../two");
	CLEANUP(free)
	char *three = path_join(*state, "pkg/three"), *inner = path_join(*state, "inner/p");
	CLEANUP(git_known) struct git_known *known = NULL, *less = NULL;
	CLEANUP(strv) struct strv folders = {0};
	const char *hash;
	bool dirty;

	/* A repository within the first one, and a name that is the beginning of another. */
	run(*state,
		"git init -q inner && mkdir inner/p && echo 1 > inner/p/f && git -C inner add . && "
		"git -C inner commit -qm inner && "
		"echo x > inner/p/new && mkdir pkg/one-and-a-half && "
		"echo x > pkg/one-and-a-half/f && echo x >> pkg/two/g");
	strv_add(&folders, one);
	strv_add(&folders, two);
	strv_add(&folders, inner);
	strv_add(&folders, "/");
	strv_add(&folders, "/nonexistent");
	known = git_known_new(&folders);
	assert_true(git_known_get(known, one, &hash, &dirty) && !dirty);
	assert_true(git_known_get(known, two, &hash, &dirty) && dirty);
	assert_true(git_known_get(known, inner, &hash, &dirty) && dirty);
	assert_false(git_known_get(known, "/", &hash, &dirty));
	assert_false(git_known_get(known, "/nonexistent", &hash, &dirty));
	/* One that HEAD does not have leaves its repository to be asked one by one. */
	run(*state, "mkdir pkg/three");
	strv_add(&folders, three);
	less = git_known_new(&folders);
	assert_false(git_known_get(less, one, &hash, &dirty));
	assert_true(git_known_get(less, inner, &hash, &dirty));
	/* A repository of which the environment speaks, as it does in a hook, is none of ours. */
	setenv("GIT_DIR", "/nonexistent", 1);
	git_known_free(less);
	less = git_known_new(&folders);
	unsetenv("GIT_DIR");
	assert_true(git_known_get(less, inner, &hash, &dirty));
}

/* ---- what a repository names is not run ---- */

/* Each makes git run the program ./mark, when it is asked as a user would ask it. */
static const char *const traps[] = {
	"git config core.fsmonitor $PWD/mark",
	"git config filter.m.clean $PWD/mark; echo '* filter=m' > .git/info/attributes",
	"git config filter.m.process $PWD/mark; git config filter.m.required true; "
	"echo '* filter=m' > .git/info/attributes",
	"git config -f .git/more 'filter.a b.clean' $PWD/mark; git config include.path more; "
	"echo 'pkg/** filter=\"a b\"' > .git/info/attributes; "
	"git config filter.a.b.clean $PWD/mark; "
	"echo 'pkg/** filter=a.b' >> .git/info/attributes",
	"git config -f .git/more filter.m.clean $PWD/mark; "
	"git config includeIf.gitdir:$PWD/.path more; echo '* filter=m' > .git/info/attributes",
	"git config extensions.worktreeConfig true; "
	"git config --worktree filter.m.clean $PWD/mark; "
	"echo '* filter=m' > .git/info/attributes",
	"cp mark .git/hooks/post-index-change",
	"cp -a .git .common && echo ../.common > .git/commondir && "
	"echo .common >> .common/info/exclude && "
	"printf '[filter \"m\"]\\n clean = %s/mark\\n' \"$PWD\" >> .common/config && "
	"echo '* filter=m' > .common/info/attributes",
	"mv .git .other && echo 'gitdir: .other' > .git && echo .other >> .other/info/exclude && "
	"git config filter.m.clean $PWD/mark; "
	"echo '* filter=m' > .other/info/attributes",
	"mkdir .h; cp mark .h/post-index-change; echo .h >> .git/info/exclude; "
	"git config core.hooksPath .h",
};

/* Not in the commit, and not new either; it gives on what it reads, so that a filter changes
 * nothing. */
#define MARK                                                                                    \
	"printf '#!/bin/sh\\ntouch \"%s/ran\"\\nexec cat\\n' \"$PWD\" > mark; chmod 755 mark; " \
	"printf 'mark\\nran\\n' >> .git/info/exclude; "

static void nothing_of_the_repository_is_run(void **state)
{
	CLEANUP(free) char *ran = path_join(*state, "ran");

	for (size_t i = 0; i < ARRAY_SIZE(traps); i++) {
		CLEANUP(free) char *hash = NULL, *tree = NULL;

		run(*state, MARK);
		run(*state, traps[i]);
		/* Git looks at what is in a file when its time is another. */
		run(*state, "touch -d 2001-01-01 pkg/one/f");
		hash = hash_of(*state, "pkg/one");
		tree = git(*state, "git rev-parse HEAD:pkg/one");
		assert_string_equal(hash, tree);
		if (file_exists(ran))
			fail_msg("it ran: %s", traps[i]);
		/* The trap is one. */
		run(*state, "touch -d 2002-01-01 pkg/one/f; git status > /dev/null 2>&1 || true");
		assert_true(file_exists(ran));
		teardown(state);
		setup_plain(state);
		free(ran);
		ran = path_join(*state, "ran");
	}
}

static void nothing_of_a_submodule_is_run(void **state)
{
	CLEANUP(free) char *ran = path_join(*state, "ran");
	CLEANUP(free) char *clean = NULL, *same = NULL, *dirty = NULL, *other = NULL;

	run(*state, MARK "git init -q pkg/one/sub && cd pkg/one/sub && echo 1 > f && git add f && "
			 "git commit -qm sub && "
			 "cd ../../.. && git -c advice.addEmbeddedRepo=false add pkg/one/sub && "
			 "git commit -qm sub");
	clean = hash_of(*state, "pkg/one");
	run(*state, "git -C pkg/one/sub config filter.m.clean $PWD/mark; "
		    "git -C pkg/one/sub config core.fsmonitor $PWD/mark; "
		    "echo '* filter=m' > pkg/one/sub/.git/info/attributes; "
		    "touch -d 2001-01-01 pkg/one/sub/f");
	same = hash_of(*state, "pkg/one");
	assert_string_equal(same, clean);
	run(*state, "echo 2 > pkg/one/sub/f");
	dirty = hash_of(*state, "pkg/one");
	assert_non_null(strstr(dirty, "-dirty-"));
	/* What is in it counts. */
	run(*state, "echo 3 > pkg/one/sub/f");
	other = hash_of(*state, "pkg/one");
	assert_string_not_equal(other, dirty);
	assert_false(file_exists(ran));
	run(*state, "git status > /dev/null");
	assert_true(file_exists(ran));
}

static void a_bare_repository_is_but_files(void **state)
{
	CLEANUP(free) char *ran = path_join(*state, "ran"), *hash = NULL, *tree = NULL;

	run(*state,
		MARK "cd pkg/one && mkdir objects refs && echo 'ref: refs/heads/x' > HEAD && "
		     "touch objects/x refs/x && "
		     "printf '[core]\n repositoryformatversion = 0\n bare = false\n worktree = .\n"
		     " fsmonitor = %s/mark\n' \"$PWD/../..\" > config && "
		     "cd ../.. && git add pkg && git commit -qm bare");
	hash = hash_of(*state, "pkg/one");
	tree = git(*state, "git rev-parse HEAD:pkg/one");
	assert_string_equal(hash, tree);
	assert_false(file_exists(ran));
	run(*state, "git -C pkg/one status > /dev/null 2>&1 || true");
	assert_true(file_exists(ran));
}

static void what_is_missing_is_not_fetched(void **state)
{
	CLEANUP(free) char *ran = path_join(*state, "ran"), *dir = path_join(*state, "pkg/one");
	struct werr *err = NULL;
	char *hash = NULL;

	run(*state, MARK
		"t=$(git rev-parse HEAD^{tree}); "
		"rm -f .git/objects/$(echo $t | cut -c1-2)/$(echo $t | cut -c3-); "
		"git config core.repositoryFormatVersion 1; git config extensions.partialClone o; "
		"git config remote.o.promisor true; git config remote.o.url ssh://h/r; "
		"git config core.sshCommand \"$PWD/mark < /dev/null; false\"");
	assert_true(git_hash(dir, &none, "HEAD", false, NULL, &hash, &err) < 0);
	werr_free(err);
	assert_false(file_exists(ran));
	run(*state, "git rev-parse HEAD:pkg/one > /dev/null 2>&1 || true");
	assert_true(file_exists(ran));
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

#define PLAIN(f_) cmocka_unit_test_setup_teardown(f_, setup_plain, teardown)
#define CASE(f_)  cmocka_unit_test_setup_teardown(f_, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_clean_folder_has_its_tree_hash),
		CASE(extra_sources_are_hashed_together),
		CASE(a_change_elsewhere_is_no_change),
		CASE(changes_make_it_dirty),
		CASE(changed_extra_sources_make_it_dirty),
		CASE(dirty_can_be_forced),
		CASE(what_git_does_not_know_is_an_error),
		CASE(many_folders_are_known_at_once),
		PLAIN(nothing_of_the_repository_is_run),
		PLAIN(nothing_of_a_submodule_is_run),
		PLAIN(a_bare_repository_is_but_files),
		PLAIN(what_is_missing_is_not_fetched),
		cmocka_unit_test(changes_are_read_whole_or_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
