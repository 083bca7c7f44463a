/* SPDX-License-Identifier: Apache-2.0 */
/* Git runs nothing that a repository names. */
#include "pkg/git.h"

#include "repository.h"

/* git has a shell run what a configuration names: without blanks it needs no quotes. */
static int setup_plain(void **state)
{
	return make_repository(state, "ab");
}

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

#define CASE(f_) cmocka_unit_test_setup_teardown(f_, setup_plain, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(nothing_of_the_repository_is_run),
		CASE(nothing_of_a_submodule_is_run),
		CASE(a_bare_repository_is_but_files),
		CASE(what_is_missing_is_not_fetched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
