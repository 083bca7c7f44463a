/* SPDX-License-Identifier: Apache-2.0 */
/* From a directory to an image in a store, without Debian packages (they need a network). */
#include "pkg/pkg.h"

#include <string.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/process.h"
#include "check.h"
#include "pkg/package.h"
#include "pkg/record.h"
#include "tree/tree.h"

static const char yml[] = "image: tool\n"
			  "tag: \"t-{{ .Hash }}\"\n"
			  "arches: [amd64, arm64]\n"
			  "config: {pid: host}\n"
			  "entrypoint: [/own, -v]\n"
			  "build: {run: ./build.sh, packages: [gcc]}\n"
			  "files:\n"
			  "  - {path: made, source: $OUT/made}\n"
			  "  - {path: opt/tree, source: $OUT/tree}\n"
			  "  - {path: own, source: own.sh}\n"
			  "  - {path: etc/text, contents: hello, mode: '0600', uid: 7, gid: 8}\n"
			  "  - {path: bin/link, symlink: /own}\n"
			  "  - {path: tmp, directory: true, mode: '1777'}\n";

struct fixture {
	char *top, *pkg, *cache;
	struct store *store;
};

static void write_file(const char *dir, const char *name, mode_t mode, const char *text)
{
	CLEANUP(free) char *path = path_join(dir, name);
	struct werr *err = NULL;

	assert_ok(file_write_atomic(path, mode, text, strlen(text), &err), err);
}

static void write_yml(const struct fixture *f, const char *text)
{
	write_file(f->pkg, "build.yml", 0644, text);
}

/* The step's result, as if it had run: running it takes Debian's packages. */
static void write_result(const struct fixture *f, const char *arch)
{
	CLEANUP(free) char *place = str_printf("%s/wherry-step/tool-1234-%s", f->cache, arch);
	CLEANUP(free) char *tree = path_join(place, "out/tree"), *a = path_join(tree, "a");
	struct werr *err = NULL;

	assert_ok(file_make_dirs(tree, 0755, &err), err);
	write_file(place, "out/made", 0644, arch);
	write_file(tree, "b", 0700, "x\n");
	assert_int_equal(symlink("b", a), 0);
	write_file(place, "packages", 0644, "");
	write_file(place, "inside", 0644, "gcc\t4:12\tamd64\tgcc-defaults\t1.203\n");
}

static struct fixture *make(const char *name)
{
	struct fixture *f = mem_new(struct fixture);
	struct werr *err = NULL;

	assert_ok(file_temp_dir("/tmp", name, &f->top, &err), err);
	f->pkg = path_join(f->top, "tool");
	f->cache = path_join(f->top, "cache");
	assert_ok(file_make_dirs(f->pkg, 0755, &err), err);
	write_yml(f, yml);
	write_file(f->pkg, "own.sh", 0750, "#!/bin/sh\n");
	assert_ok(store_open(&f->store, f->cache, &err), err);
	write_result(f, "amd64");
	write_result(f, "arm64");
	return f;
}

static void drop(struct fixture *f)
{
	store_free(f->store);
	assert_int_equal(file_remove_all(f->top, NULL), 0);
	free(f->top);
	free(f->pkg);
	free(f->cache);
	free(f);
}

static int setup(void **state)
{
	*state = make("pkg a");
	return 0;
}

static int teardown(void **state)
{
	drop(*state);
	return 0;
}

static int find_image(struct fixture *f, const char *name, const struct platform *platform,
	struct image **ret, struct werr **err)
{
	CLEANUP(reference) struct reference ref = {0};
	int r = reference_parse(name, &ref, err);

	return r < 0 ? r : store_find_image(f->store, &ref, platform, ret, err);
}

static int build(
	struct fixture *f, const char *arch, bool force, struct pkg_result *ret, struct werr **err)
{
	const struct pkg_options o = {.hash = "1234", .arch = arch, .force = force};

	return pkg_build(f->store, f->pkg, &o, NULL, ret, err);
}

static void the_tag_is_org_image_and_template(void **state)
{
	const struct fixture *f = *state;
	struct werr *err = NULL;
	CLEANUP(free) char *own = NULL, *other = NULL;

	assert_ok(pkg_tag(f->pkg, &(struct pkg_options){.hash = "1234"}, &own, &err), err);
	assert_string_equal(own, "wherry/tool:t-1234");
	assert_ok(pkg_tag(f->pkg, &(struct pkg_options){.hash = "1", .org = "me", .tag = "v2"},
			  &other, &err),
		err);
	assert_string_equal(other, "me/tool:v2");
}

static struct tree *unpack(struct fixture *f, const struct image *i)
{
	struct werr *err = NULL;
	struct reader *layer;
	struct tree *t;

	assert_int_equal(i->manifest->n, 1);
	assert_ok(tree_new(&t, "/tmp", &err), err);
	assert_ok(store_open_blob(f->store, &i->manifest->items[0], &layer, &err), err);
	assert_ok(tree_apply_layer(t, layer, "layer", &err), err);
	reader_free(layer);
	return t;
}

static void check_node(
	const struct tree *t, const char *path, uint32_t mode, uint32_t uid, const char *text)
{
	const struct tree_node *n = tree_find(t, path);
	struct werr *err = NULL;

	assert_non_null(n);
	assert_int_equal(n->meta.mode, mode);
	assert_int_equal(n->meta.uid, uid);
	assert_int_equal(n->meta.mtime, 0);
	if (S_ISREG(mode)) {
		CLEANUP(reader) struct reader *r = tree_open_file(t, n);
		CLEANUP(free) char *have = NULL;
		size_t size;

		assert_ok(reader_read_all(r, 4096, &have, &size, &err), err);
		assert_string_equal(have, text);
	} else if (S_ISLNK(mode)) {
		assert_string_equal(n->target, text);
	}
}

static void the_image_has_the_files_and_labels(void **state)
{
	struct fixture *f = *state;
	const struct platform amd64 = {"linux", "amd64", ""};
	CLEANUP(pkg_result) struct pkg_result result = {0};
	CLEANUP(image) struct image *i = NULL;
	CLEANUP(tree) struct tree *t = NULL;
	struct werr *err = NULL;

	assert_ok(build(f, "amd64", false, &result, &err), err);
	assert_false(result.was_cached);
	assert_ok(find_image(f, "wherry/tool:t-1234", &amd64, &i, &err), err);
	assert_string_equal(i->name, "docker.io/wherry/tool:t-1234");
	assert_string_equal(i->descriptor.digest.text, result.digest.text);
	assert_string_equal(
		image_config_label(i->config, "org.mobyproject.config"), "{\"pid\":\"host\"}");
	assert_string_equal(
		image_config_label(i->config, "org.opencontainers.image.revision"), "1234");
	assert_int_equal(i->config->entrypoint.n, 2);
	assert_string_equal(i->config->entrypoint.items[0], "/own");
	assert_string_equal(image_config_label(i->config, RECORD_LABEL), "[]");
	assert_string_equal(image_config_label(i->config, RECORD_INSIDE_LABEL), "gcc=4:12");
	t = unpack(f, i);
	check_node(t, "made", S_IFREG | 0644, 0, "amd64");
	check_node(t, "opt/tree", S_IFDIR | 0755, 0, NULL);
	check_node(t, "opt/tree/a", S_IFLNK | 0777, 0, "b");
	check_node(t, "opt/tree/b", S_IFREG | 0755, 0, "x\n");
	check_node(t, "own", S_IFREG | 0755, 0, "#!/bin/sh\n");
	check_node(t, "etc/text", S_IFREG | 0600, 7, "hello");
	check_node(t, "bin/link", S_IFLNK | 0777, 0, "/own");
	check_node(t, "tmp", S_IFDIR | 01777, 0, NULL);
}

static void files_go_through_symlinks(void **state)
{
	struct fixture *f = *state;
	const struct platform amd64 = {"linux", "amd64", ""};
	CLEANUP(free) char *below = path_join(f->pkg, "root");
	CLEANUP(pkg_result) struct pkg_result result = {0};
	CLEANUP(image) struct image *i = NULL;
	CLEANUP(tree) struct tree *t = NULL;
	struct werr *err = NULL;

	assert_ok(file_make_dirs(below, 0755, &err), err);
	write_file(below, "b", 0644, "two");
	write_file(f->pkg, "build.yml", 0644,
		"image: tool\ntag: through\nfiles:\n"
		"  - {path: usr/lib/a, contents: one}\n"
		"  - {path: lib, symlink: usr/lib}\n"
		"  - {path: lib, source: root}\n"
		"  - {path: lib/c, contents: three}\n");
	assert_ok(build(f, "amd64", false, &result, &err), err);
	assert_ok(find_image(f, "wherry/tool:through", &amd64, &i, &err), err);
	t = unpack(f, i);
	check_node(t, "lib", S_IFLNK | 0777, 0, "usr/lib");
	check_node(t, "usr/lib/a", S_IFREG | 0644, 0, "one");
	check_node(t, "usr/lib/b", S_IFREG | 0644, 0, "two");
	check_node(t, "usr/lib/c", S_IFREG | 0644, 0, "three");
}

static void what_is_in_the_store_is_not_built_again(void **state)
{
	struct fixture *f = *state;
	CLEANUP(pkg_result) struct pkg_result first = {0}, second = {0}, forced = {0};
	struct werr *err = NULL;

	/* Forcing it would run a step again. */
	write_file(
		f->pkg, "build.yml", 0644, "image: tool\nfiles: [{path: own, source: own.sh}]\n");
	assert_ok(build(f, "amd64", false, &first, &err), err);
	write_file(f->pkg, "own.sh", 0644, "changed");
	assert_ok(build(f, "amd64", false, &second, &err), err);
	assert_true(second.was_cached);
	assert_string_equal(second.digest.text, first.digest.text);
	assert_int_equal(second.size, first.size);
	assert_ok(build(f, "amd64", true, &forced, &err), err);
	assert_false(forced.was_cached);
	assert_string_not_equal(forced.digest.text, first.digest.text);
}

static void a_tag_gains_platforms(void **state)
{
	struct fixture *f = *state;
	const struct platform amd64 = {"linux", "amd64", ""}, arm64 = {"linux", "arm64", ""};
	CLEANUP(pkg_result) struct pkg_result one = {0}, two = {0};
	CLEANUP(image) struct image *a = NULL, *b = NULL;
	struct werr *err = NULL;

	assert_ok(build(f, "arm64", false, &one, &err), err);
	assert_ok(build(f, "amd64", false, &two, &err), err);
	assert_ok(find_image(f, one.name, &amd64, &a, &err), err);
	assert_ok(find_image(f, one.name, &arm64, &b, &err), err);
	assert_string_equal(b->descriptor.digest.text, one.digest.text);
	assert_string_equal(a->descriptor.digest.text, two.digest.text);
	assert_string_not_equal(one.digest.text, two.digest.text);
}

/* Another directory, time and umask, and another name of the cache. */
static void the_same_package_has_the_same_digest(void **state)
{
	struct fixture *f = *state, *g = make("other");
	CLEANUP(pkg_result) struct pkg_result one = {0}, two = {0};
	const struct timespec old[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
	CLEANUP(free) char *own = path_join(g->pkg, "own.sh");
	struct werr *err = NULL;
	mode_t mask;

	assert_ok(build(f, "amd64", false, &one, &err), err);
	assert_int_equal(chmod(own, 0700), 0);
	assert_int_equal(utimensat(AT_FDCWD, own, old, 0), 0);
	mask = umask(077);
	assert_ok(build(g, "amd64", false, &two, &err), err);
	umask(mask);
	assert_string_equal(one.digest.text, two.digest.text);
	drop(g);
}

static void other_platforms_and_packages_of_nothing_are_refused(void **state)
{
	struct fixture *f = *state;
	struct pkg_result result;
	struct werr *err = NULL;

	assert_fails(build(f, "riscv64", false, &result, &err), err, WERR_UNSUPPORTED,
		"is not for riscv64, only for amd64, arm64");
	write_yml(f, "image: tool\n");
	assert_fails(build(f, "amd64", false, &result, &err), err, WERR_UNSUPPORTED,
		"would have to be built from a Dockerfile, and has no Dockerfile");
}

static void the_description_itself_is_no_package(void **state)
{
	struct fixture *f = *state;
	CLEANUP(free) char *path = path_join(f->pkg, "build.yml"), *tag = NULL;
	struct werr *err = NULL;

	assert_true(pkg_tag(path, &(struct pkg_options){0}, &tag, &err) < 0);
	assert_string_equal(err->hint, "a package is a directory with a build.yml");
	werr_free(err);
}

static void a_missing_source_has_its_place(void **state)
{
	struct fixture *f = *state;
	struct pkg_result result;
	struct werr *err = NULL;

	write_yml(f, "image: tool\nfiles:\n  - {path: a, source: nothing}\n");
	assert_true(build(f, "amd64", false, &result, &err) < 0);
	assert_non_null(strstr(err->file, "tool/build.yml"));
	assert_int_equal(err->line, 3);
	assert_non_null(strstr(err->message, "nothing"));
	werr_free(err);
}

static void a_program_without_its_library_is_refused(void **state)
{
	struct fixture *f = *state;
	CLEANUP(free) char *own = path_join(f->pkg, "program");
	const char *const argv[] = {"cp", "/proc/self/exe", own, NULL};
	struct pkg_result result;
	struct werr *err = NULL;

	assert_ok(process_run_ok(&(struct process_spec){.argv = argv}, NULL, &err), err);
	write_yml(f, "image: tool\nfiles:\n  - {path: a, source: program}\n");
	assert_fails(build(f, NULL, false, &result, &err), err, WERR_NOT_FOUND, "/a needs ");
}

/* What leads out of the package's directory, or out of $OUT. */
static void sources_outside_are_refused(void **state)
{
	static const char *const sources[] = {
		"../secret",
		"/proc/self/environ",
		"a/../../secret",
		"$OUT/../packages",
		"up",
		"absolute",
		"dir/secret",
		"$OUT/leak",
	};
	struct fixture *f = *state;
	CLEANUP(free) char *up = path_join(f->pkg, "up"), *absolute = path_join(f->pkg, "absolute");
	CLEANUP(free) char *dir = path_join(f->pkg, "dir"), *leak = NULL;
	struct pkg_result result;
	struct werr *err = NULL;

	write_file(f->top, "secret", 0644, "s");
	assert_int_equal(symlink("../secret", up), 0);
	assert_int_equal(symlink("/etc/passwd", absolute), 0);
	assert_int_equal(symlink("..", dir), 0);
	leak = str_printf("%s/wherry-step/tool-1234-amd64/out/leak", f->cache);
	assert_int_equal(symlink("/etc/passwd", leak), 0);
	for (size_t i = 0; i < ARRAY_SIZE(sources); i++) {
		CLEANUP(free)
		char *text = str_printf(
			"image: tool\nbuild: {run: 'true'}\nfiles:\n  - {path: a, source: %s}\n",
			sources[i]);

		write_yml(f, text);
		if (build(f, "amd64", false, &result, &err) >= 0)
			fail_msg("taken: %s", sources[i]);
		assert_int_equal(err->kind, WERR_INVALID);
		assert_int_equal(err->line, 4);
		werr_free(err);
		err = NULL;
	}
}

#define CASE(f_) cmocka_unit_test_setup_teardown(f_, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(the_tag_is_org_image_and_template),
		CASE(the_image_has_the_files_and_labels),
		CASE(files_go_through_symlinks),
		CASE(what_is_in_the_store_is_not_built_again),
		CASE(a_tag_gains_platforms),
		CASE(the_same_package_has_the_same_digest),
		CASE(other_platforms_and_packages_of_nothing_are_refused),
		CASE(the_description_itself_is_no_package),
		CASE(a_missing_source_has_its_place),
		CASE(a_program_without_its_library_is_refused),
		CASE(sources_outside_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
