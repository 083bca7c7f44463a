/* SPDX-License-Identifier: Apache-2.0 */
/* What is kept of a few invented packages. */
#include "pkg/closure.h"

#include "base/mem.h"
#include "check.h"
#include "elf-sample.h"

static const struct tree_meta file_meta = {.mode = S_IFREG | 0755, .mtime = 1234567};
static const struct tree_meta link_meta = {.mode = S_IFLNK | 0777, .mtime = 1234567};

struct fixture {
	struct package_tree *from;
	struct tree *to;
	struct strv keep;
};

static void put(struct tree *t, const char *path, const void *p, size_t size)
{
	CLEANUP(reader) struct reader *content = mem_reader_new(p, size);
	struct werr *err = NULL;

	assert_ok(tree_put(t, path, &file_meta, NULL, content, NULL, NULL, &err), err);
}

static void put_link(struct tree *t, const char *path, const char *target)
{
	struct werr *err = NULL;

	assert_ok(tree_put(t, path, &link_meta, target, NULL, NULL, NULL, &err), err);
}

static void put_sample(struct tree *t, const char *path, const struct sample *s)
{
	CLEANUP(buf) struct buf b = BUF_INIT(1 << 16);

	sample_elf(&b, s);
	put(t, path, b.data, b.len);
}

static void put_elf(struct tree *t, const char *path, const char *interpreter, const char *runpath,
	const char *needs)
{
	const struct sample s = {.machine = EM_X86_64,
		.interpreter = interpreter,
		.runpath = runpath,
		.needed = {needs}};

	put_sample(t, path, &s);
}

static void add(struct package_tree *to, const char *name, struct tree *files)
{
	struct deb_info info = {
		str_dup(name), str_dup("1"), str_dup("amd64"), str_dup(name), str_dup("1")};
	struct werr *err = NULL;

	assert_ok(package_tree_add(to, &info, files, &err), err);
	deb_info_cleanup(&info);
	tree_free(files);
}

static struct tree *new_tree(void)
{
	struct tree *t = NULL;
	struct werr *err = NULL;

	assert_ok(tree_new(&t, "/tmp", &err), err);
	return t;
}

/*
 * A C library in Debian 12's layout, a program with its own library, and a library that nothing
 * needs.
 */
static int setup(void **state)
{
	struct fixture *f = mem_new(struct fixture);
	struct werr *err = NULL;
	struct tree *t;

	assert_ok(package_tree_new(&f->from, "/tmp", &err), err);
	t = new_tree();
	put_elf(t, "lib/x86_64-linux-gnu/libc.so.6", NULL, NULL, "ld-linux-x86-64.so.2");
	put_elf(t, "lib/x86_64-linux-gnu/ld-linux-x86-64.so.2", NULL, NULL, NULL);
	put_link(t, "lib64/ld-linux-x86-64.so.2", "/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2");
	put(t, "usr/share/doc/libc6/copyright", "text", 4);
	add(f->from, "libc6", t);
	t = new_tree();
	put_elf(t, "usr/bin/tool", "/lib64/ld-linux-x86-64.so.2", "$ORIGIN/../lib/tool",
		"libtool.so.1");
	put_elf(t, "usr/lib/tool/libtool.so.1.2", NULL, NULL, "libc.so.6");
	put_link(t, "usr/lib/tool/libtool.so.1", "libtool.so.1.2");
	put(t, "usr/share/doc/tool/README", "text", 4);
	put_elf(t, "usr/bin/broken", "/lib64/ld-linux-x86-64.so.2", NULL, "libmissing.so.3");
	put(t, "etc/tool.conf", "text", 4);
	add(f->from, "tool", t);
	t = new_tree();
	put_elf(t, "usr/bin/other", NULL, NULL, "libc.so.6");
	add(f->from, "other", t);
	assert_ok(package_tree_seal(f->from, &err), err);
	f->to = new_tree();
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	package_tree_free(f->from);
	tree_free(f->to);
	strv_clear(&f->keep);
	free(f);
	return 0;
}

static int run(struct fixture *f, const char *pattern, size_t *unmatched, struct werr **err)
{
	strv_add(&f->keep, pattern);
	return closure_copy(f->from, f->to, arch_find("amd64"), &f->keep, unmatched, err);
}

static int list_path(struct tree_node *n, const char *path, void *ctx, struct werr **err)
{
	(void)err;
	assert_int_equal(n->meta.mtime, 0);
	if (!S_ISDIR(n->meta.mode))
		strv_add(ctx, path);
	return 0;
}

static char *list(const struct tree *t)
{
	CLEANUP(strv) struct strv paths = {0};
	struct werr *err = NULL;

	assert_ok(tree_walk(t, list_path, &paths, &err), err);
	return strv_join(&paths, " ");
}

static void a_program_brings_its_libraries_and_their_links(void **state)
{
	struct fixture *f = *state;
	struct werr *err = NULL;
	CLEANUP(free) char *all = NULL;

	assert_ok(run(f, "/usr/bin/tool", NULL, &err), err);
	all = list(f->to);
	assert_string_equal(all,
		"bin lib lib64 usr/bin/tool usr/lib/tool/libtool.so.1 usr/lib/tool/libtool.so.1.2 "
		"usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 usr/lib/x86_64-linux-gnu/libc.so.6 "
		"usr/lib64/ld-linux-x86-64.so.2");
	assert_string_equal(tree_find(f->to, "lib64")->target, "usr/lib64");
	assert_non_null(tree_resolve(f->to, "lib64/ld-linux-x86-64.so.2"));
}

static void only_packages_that_gave_something_are_used(void **state)
{
	struct fixture *f = *state;
	struct werr *err = NULL;

	assert_ok(run(f, "/usr/bin/tool", NULL, &err), err);
	assert_true(f->from->packages[0].used);
	assert_true(f->from->packages[1].used);
	assert_false(f->from->packages[2].used);
}

static void a_missing_library_is_named_with_its_program(void **state)
{
	struct fixture *f = *state;
	struct werr *err = NULL;

	assert_fails(run(f, "/usr/bin/broken", NULL, &err), err, WERR_NOT_FOUND,
		"/usr/bin/broken needs libmissing.so.3, which is not in any package");
}

static void a_pattern_that_matches_nothing_is_an_error(void **state)
{
	struct fixture *f = *state;
	struct werr *err = NULL;
	size_t unmatched = 7;

	strv_add(&f->keep, "/etc/");
	assert_fails(
		run(f, "/usr/sbin/**", &unmatched, &err), err, WERR_NOT_FOUND, "'/usr/sbin/**'");
	assert_int_equal(unmatched, 1);
}

/* A pattern may name a file as in the package, or as in the merged layout. */
static void patterns_are_of_the_merged_layout(void **state)
{
	struct fixture *f = *state;
	struct werr *err = NULL;

	assert_ok(run(f, "/lib/x86_64-linux-gnu/libc.so*", NULL, &err), err);
	assert_non_null(tree_find(f->to, "usr/lib/x86_64-linux-gnu/libc.so.6"));
}

/* Debian's compiler for it has another name than its directories. */
static void libraries_of_i386_are_found(void **state)
{
	const struct sample library = {.narrow = true, .machine = EM_386};
	const struct sample program = {.narrow = true, .machine = EM_386, .needed = {"libc.so.6"}};
	struct fixture *f = *state;
	struct package_tree *from = NULL;
	struct tree *t = new_tree();
	struct werr *err = NULL;

	put_sample(t, "usr/lib/i386-linux-gnu/libc.so.6", &library);
	put_sample(t, "usr/bin/tool", &program);
	assert_ok(package_tree_new(&from, "/tmp", &err), err);
	add(from, "tool", t);
	assert_ok(package_tree_seal(from, &err), err);
	strv_add(&f->keep, "/usr/bin/tool");
	assert_ok(closure_copy(from, f->to, arch_find("386"), &f->keep, NULL, &err), err);
	assert_non_null(tree_find(f->to, "usr/lib/i386-linux-gnu/libc.so.6"));
	package_tree_free(from);
}

/* A file from files: stays, and what it needs is copied. */
static void programs_that_are_there_count_too(void **state)
{
	struct fixture *f = *state;
	struct werr *err = NULL;

	put_elf(f->to, "usr/bin/mine", NULL, NULL, "libc.so.6");
	tree_find(f->to, "usr/bin/mine")->meta.mtime = 0;
	put(f->to, "etc/tool.conf", "mine", 4);
	tree_find(f->to, "etc/tool.conf")->meta.mtime = 0;
	assert_ok(run(f, "/etc/", NULL, &err), err);
	assert_non_null(tree_find(f->to, "usr/lib/x86_64-linux-gnu/libc.so.6"));
	CLEANUP(reader) struct reader *r = tree_open_file(f->to, tree_find(f->to, "etc/tool.conf"));
	char text[4];

	assert_ok(reader_read_full(r, text, 4, &err), err);
	assert_memory_equal(text, "mine", 4);
}

/* Its files are in the merged layout as well, and keep the names that they were given. */
static void the_image_s_own_directories_have_their_links(void **state)
{
	struct fixture *f = *state;
	struct werr *err = NULL;

	put(f->to, "usr/sbin/mine", "text", 4);
	put(f->to, "usr/lib32/mine", "text", 4);
	tree_find(f->to, "usr/sbin/mine")->meta.mtime = 0;
	put(f->to, "lib32/other", "text", 4);
	assert_ok(run(f, "/etc/", NULL, &err), err);
	assert_non_null(tree_resolve(f->to, "sbin/mine"));
	assert_non_null(tree_find(f->to, "lib32/other"));
	assert_null(tree_find(f->to, "bin"));
}

static void an_image_without_packages_has_no_links(void **state)
{
	struct fixture *f = *state;
	CLEANUP(package_tree) struct package_tree *none = NULL;
	struct werr *err = NULL;

	assert_ok(package_tree_new(&none, "/tmp", &err), err);
	assert_ok(package_tree_seal(none, &err), err);
	put(f->to, "usr/bin/mine", "text", 4);
	assert_ok(closure_copy(none, f->to, arch_find("amd64"), &f->keep, NULL, &err), err);
	assert_null(tree_find(f->to, "bin"));
}

static void programs_of_another_architecture_are_refused(void **state)
{
	struct fixture *f = *state;
	struct werr *err = NULL;

	strv_add(&f->keep, "/usr/bin/tool");
	assert_fails(closure_copy(f->from, f->to, arch_find("arm64"), &f->keep, NULL, &err), err,
		WERR_INVALID, "/usr/bin/tool is not a program for arm64");
}

#define CASE(f_) cmocka_unit_test_setup_teardown(f_, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_program_brings_its_libraries_and_their_links),
		CASE(only_packages_that_gave_something_are_used),
		CASE(a_missing_library_is_named_with_its_program),
		CASE(a_pattern_that_matches_nothing_is_an_error),
		CASE(patterns_are_of_the_merged_layout),
		CASE(libraries_of_i386_are_found),
		CASE(programs_that_are_there_count_too),
		CASE(the_image_s_own_directories_have_their_links),
		CASE(an_image_without_packages_has_no_links),
		CASE(programs_of_another_architecture_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
