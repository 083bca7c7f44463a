/* SPDX-License-Identifier: Apache-2.0 */
/* Which files a package is made of, and that no other is opened. */
#include "pkg/snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/process.h"
#include "check.h"
#include "pkg/beneath.h"

struct fixture {
	char *top, *pkg, *to;
};

static void run(const char *dir, const char *script)
{
	const char *const argv[] = {"/bin/sh", "-ec", script, NULL};
	const char *const env[] = {"PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/nonexistent",
		"GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_NAME=t", "GIT_AUTHOR_EMAIL=t@example.test",
		"GIT_COMMITTER_NAME=t", "GIT_COMMITTER_EMAIL=t@example.test", NULL};
	const struct process_spec spec = {
		.argv = argv, .env = env, .cwd = dir, .timeout_seconds = 30};
	struct werr *err = NULL;

	assert_ok(process_run_ok(&spec, NULL, &err), err);
}

static int setup(void **state)
{
	struct fixture *f = mem_new(struct fixture);
	struct werr *err = NULL;

	assert_ok(file_temp_dir("/tmp", "snapshot", &f->top, &err), err);
	f->pkg = path_join(f->top, "repo/pkg/tool");
	f->to = path_join(f->top, "to");
	run(f->top, "mkdir -p to repo/pkg/tool/dir repo/guest && cd repo && git init -q . && "
		    "echo '*.o' > .gitignore && "
		    "echo 1 > guest/g && echo 1 > top && cd pkg/tool && echo 1 > a && "
		    "echo 1 > dir/b && chmod 700 dir/b && "
		    "ln -s /etc/passwd link && echo 1 > gone && echo 'image: tool' > build.yml && "
		    "git add . ../../guest ../../top && "
		    "git commit -qm x && rm gone && echo 1 > new && echo 1 > x.o && mkfifo fifo && "
		    "echo 1 > ../../../outside");
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(file_remove_all(f->top, NULL), 0);
	free(f->top);
	free(f->pkg);
	free(f->to);
	free(f);
	return 0;
}

static int take(struct fixture *f, const char *yml, const struct pkg_options *o, struct werr **err)
{
	CLEANUP(free) char *path = path_join(f->pkg, "build.yml");
	CLEANUP(pkg) struct pkg *p = NULL;
	int r = file_write_atomic(path, 0644, yml, strlen(yml), err);

	if (r == 0)
		r = pkg_open(f->pkg, o, &p, err);
	return r < 0 ? r : snapshot_make(p, f->to, err);
}

static bool has(const struct fixture *f, const char *name)
{
	CLEANUP(free) char *path = path_join(f->to, name);
	struct stat st;

	return lstat(path, &st) == 0;
}

static void it_is_what_git_would_hash(void **state)
{
	struct fixture *f = *state;
	CLEANUP(free) char *b = path_join(f->to, "dir/b");
	struct werr *err = NULL;
	struct stat st;

	assert_ok(take(f, "image: tool\nextra-sources: [\"../../guest:g\", \"../../top:t/top\"]\n",
			  &(struct pkg_options){0}, &err),
		err);
	assert_true(has(f, "a") && has(f, "dir/b") && has(f, "new") && has(f, "link"));
	assert_true(has(f, "g/g") && has(f, "t/top"));
	assert_false(has(f, "x.o") || has(f, "gone") || has(f, "fifo") || has(f, "top"));
	assert_int_equal(stat(b, &st), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0755);
}

static void without_gits_hash_it_is_all(void **state)
{
	struct fixture *f = *state;
	struct werr *err = NULL;

	run(f->pkg, "mkdir empty");
	assert_ok(take(f, "image: tool\n", &(struct pkg_options){.hash = "1"}, &err), err);
	assert_true(has(f, "a") && has(f, "dir/b") && has(f, "new") && has(f, "x.o") &&
		    has(f, "empty"));
	assert_false(has(f, "gone") || has(f, "fifo"));
}

static void extra_sources_are_of_the_same_repository(void **state)
{
	static const char *const ymls[] = {
		"image: tool\nextra-sources: [\"../../../outside:x\"]\n",
		"image: tool\nextra-sources: [\"/etc:x\"]\n",
		"image: tool\nextra-sources: [\"escape:x\"]\n",
	};
	struct fixture *f = *state;
	struct werr *err = NULL;

	run(f->pkg, "ln -s /etc escape");
	for (size_t i = 0; i < ARRAY_SIZE(ymls); i++)
		assert_fails(take(f, ymls[i], &(struct pkg_options){.hash = "1"}, &err), err,
			WERR_INVALID, "is not in");
	assert_false(has(f, "x"));
}

static void what_is_included_is_covered(void **state)
{
	struct fixture *f = *state;
	CLEANUP(free) char *before = NULL, *after = NULL;
	struct werr *err = NULL;

	run(f->top, "printf 'extra-sources: [step.sh:step.sh, ../top:t]\nbuild: {run: a}\n' >"
		    "repo/guest/step.yml && touch repo/guest/step.sh");
	assert_ok(take(f, "image: tool\ninclude: ../../guest/step.yml\n", &(struct pkg_options){0},
			  &err),
		err);
	assert_true(has(f, "step.yml") && has(f, "step.sh") && has(f, "t"));
	assert_ok(pkg_tag(f->pkg, &(struct pkg_options){0}, &before, &err), err);
	run(f->top, "echo '# more' >>repo/guest/step.yml");
	assert_ok(pkg_tag(f->pkg, &(struct pkg_options){0}, &after, &err), err);
	assert_string_not_equal(before, after);
	/* Whose own it is. */
	run(f->top, "rm -r to && mkdir to && mv repo/guest/step.* repo/pkg/tool && "
		    "touch repo/pkg/top");
	assert_ok(take(f, "image: tool\ninclude: step.yml\n", &(struct pkg_options){0}, &err), err);
	assert_true(has(f, "step.yml") && has(f, "step.sh"));
}

static void what_is_included_is_of_the_same_repository(void **state)
{
	static const char yml[] = "image: tool\ninclude: ../../../outside.yml\n";
	struct fixture *f = *state;
	struct werr *err = NULL;

	run(f->top, "echo secret >outside.yml");
	assert_fails(take(f, yml, &(struct pkg_options){0}, &err), err, WERR_INVALID,
		"the included file");
	run(f->top, "rm outside.yml");
	assert_fails(take(f, yml, &(struct pkg_options){0}, &err), err, WERR_NOT_FOUND,
		"can't find the included file");
	run(f->top, "echo 'run: a' >repo/step.yml");
	assert_fails(
		take(f, "image: tool\ninclude: ../../step.yml\n", &(struct pkg_options){0}, &err),
		err, WERR_INVALID, "unknown key 'run' in an included file");
}

static void links_are_not_written_through(void **state)
{
	struct fixture *f = *state;
	CLEANUP(free) char *wrong = path_join(f->top, "wrong");
	struct werr *err = NULL;

	/* An extra source below what the package has as a link to elsewhere, and the other way
	 * round. */
	run(f->top, "mkdir wrong && ln -s ../../../wrong repo/pkg/tool/w && "
		    "ln -s ../../wrong repo/guest/dir");
	assert_true(take(f, "image: tool\nextra-sources: [\"../../guest:w\"]\n",
			    &(struct pkg_options){0}, &err) < 0);
	werr_free(err);
	err = NULL;
	run(f->top, "rm -r to && mkdir to && rm repo/pkg/tool/w");
	/* guest's link `dir` is where the package has a directory. */
	assert_true(take(f, "image: tool\nextra-sources: [\"../../guest/dir:dir\"]\n",
			    &(struct pkg_options){.hash = "1"}, &err) < 0);
	werr_free(err);
	assert_int_equal(rmdir(wrong), 0);
}

static void its_description_is_one_of_them(void **state)
{
	struct fixture *f = *state;
	struct werr *err = NULL;
	CLEANUP(pkg) struct pkg *p = NULL;

	run(f->pkg, "git rm -q --cached build.yml && echo build.yml > .gitignore");
	assert_fails(take(f, "image: tool\n", &(struct pkg_options){0}, &err), err, WERR_INVALID,
		"git does not know");
	run(f->pkg, "mv build.yml ../elsewhere.yml && ln -s ../elsewhere.yml build.yml");
	assert_fails(pkg_open(f->pkg, &(struct pkg_options){.hash = "1"}, &p, &err), err,
		WERR_INVALID, "build.yml leads out of its directory");
	run(f->pkg, "rm build.yml && mkfifo build.yml");
	assert_fails(pkg_open(f->pkg, &(struct pkg_options){.hash = "1"}, &p, &err), err,
		WERR_INVALID, "is not a regular file");
}

/* ---- beneath ---- */

typedef int opener(int, const char *, int, const char *, int *, struct werr **);

static int try(opener *o, int dir, const char *path)
{
	CLEANUP(fd) int fd = -1;
	CLEANUP(werr) struct werr *err = NULL;

	return o(dir, path, O_RDONLY | O_NONBLOCK, path, &fd, &err);
}

static void what_is_opened_is_beneath(void **state)
{
	static opener *const openers[] = {beneath_open, beneath_walk};
	static const char *const outside[] = {
		"..", "../pkg", "dir/../../tool/a", "/etc/passwd", "link", "up/top", "self"};
	struct fixture *f = *state;
	CLEANUP(fd) int dir = open(f->pkg, O_RDONLY | O_DIRECTORY);

	run(f->pkg,
		"ln -s ../.. up; ln -s dir/b in; ln -s /proc/self/environ self; ln -s loop loop");
	for (size_t i = 0; i < ARRAY_SIZE(openers); i++) {
		assert_int_equal(try(openers[i], dir, "a"), 0);
		assert_int_equal(try(openers[i], dir, "dir/b"), 0);
		assert_int_equal(try(openers[i], dir, ""), 0);
		assert_int_equal(try(openers[i], dir, "nothing"), -ENOENT);
		assert_true(try(openers[i], dir, "loop") < 0);
		for (size_t k = 0; k < ARRAY_SIZE(outside); k++)
			if (try(openers[i], dir, outside[k]) >= 0)
				fail_msg("%zu opens %s", i, outside[k]);
	}
	assert_true(try(beneath_walk, dir, "in") < 0);
}

#define CASE(f_) cmocka_unit_test_setup_teardown(f_, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(it_is_what_git_would_hash),
		CASE(without_gits_hash_it_is_all),
		CASE(extra_sources_are_of_the_same_repository),
		CASE(what_is_included_is_covered),
		CASE(what_is_included_is_of_the_same_repository),
		CASE(links_are_not_written_through),
		CASE(its_description_is_one_of_them),
		CASE(what_is_opened_is_beneath),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
