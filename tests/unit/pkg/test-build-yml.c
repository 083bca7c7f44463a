/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/build-yml.h"

#include <string.h>

#include "base/mem.h"
#include "check.h"

static int parse(const char *text, struct pkg_yml **ret, struct werr **err)
{
	return pkg_yml_parse("build.yml", text, strlen(text), "/pkg/x", ret, err);
}

static void keys_of_linuxkit_are_read(void **state)
{
	CLEANUP(pkg_yml) struct pkg_yml *y = NULL;
	struct werr *err = NULL;

	(void)state;
	assert_ok(parse("image: tool\norg: me\ntag: v1-{{.Hash}}\narches: [amd64, arm64]\n"
			"extra-sources: ['../../src:src']\ngitrepo: https://git.test/x\n"
			"network: true\n"
			"disable-cache: true\nbuildArgs: [A=b]\ndockerfile: Dockerfile.x\n"
			"depends: {docker-images: {list: [a], target: b/c.tar}}\n"
			"config:\n  pid: host\n  readonly: true\n  command: [\"/bin/x\", \"1\"]\n",
			  &y, &err),
		err);
	assert_string_equal(y->image, "tool");
	assert_string_equal(y->org, "me");
	assert_string_equal(y->tag, "v1-{{.Hash}}");
	assert_int_equal(y->arches.n, 2);
	assert_string_equal(y->extras[0].src, "/pkg/x/../../src");
	assert_string_equal(y->extras[0].dst, "src");
	assert_string_equal(
		y->config, "{\"pid\":\"host\",\"readonly\":true,\"command\":[\"/bin/x\",\"1\"]}");
	assert_string_equal(y->dockerfile, "Dockerfile.x");
	assert_string_equal(y->build_args.items[0], "A=b");
	assert_string_equal(y->gitrepo, "https://git.test/x");
	assert_true(y->disable_cache);
	assert_string_equal(y->depends.list.items[0], "a");
	assert_string_equal(y->depends.target, "b/c.tar");
	/* All of these need a Dockerfile. */
	assert_false(pkg_yml_has_content(y));
}

static void ways_to_fill_an_image_are_read(void **state)
{
	CLEANUP(pkg_yml) struct pkg_yml *y = NULL;
	struct werr *err = NULL;

	(void)state;
	assert_ok(parse("image: tool\n"
			"entrypoint: [/bin/x, -v]\n"
			"build:\n  run: ./build.sh\n  sources: [{package: crun, suite: trixie}, "
			"{package: curl, patches: true}]\n"
			"  debian: {packages: [gcc-12], keep: [/usr/lib/]}\n"
			"debian:\n  suite: trixie\n  non-free-firmware: true\n"
			"  packages: [nginx, linux-image-$ARCH]\n"
			"  keep: [/usr/sbin/nginx, '/etc/**']\n"
			"files:\n"
			"  - {path: /bin/x, source: $OUT/x, mode: '4755', uid: 1, gid: 2}\n"
			"  - {path: etc/y, contents: ''}\n"
			"  - {path: z, symlink: /bin/x}\n"
			"  - {path: tmp, directory: true, mode: 01777}\n",
			  &y, &err),
		err);
	assert_true(pkg_yml_has_content(y));
	assert_string_equal(y->build.run, "./build.sh");
	assert_string_equal(y->entrypoint.items[1], "-v");
	assert_string_equal(y->build.sources[0].suite, "trixie");
	assert_false(y->build.sources[0].patches);
	assert_true(y->build.sources[1].patches);
	assert_null(y->build.debian.suite);
	assert_string_equal(y->build.sources[1].suite, "bookworm");
	assert_false(y->build.debian.firmware);
	assert_true(y->debian.firmware);
	assert_string_equal(y->debian.packages.items[0], "nginx");
	assert_string_equal(y->debian.packages.items[1], "linux-image-$ARCH");
	assert_int_equal(y->debian.keep.n, 2);
	assert_int_equal(y->n_files, 4);
	assert_string_equal(y->files[0].path, "bin/x");
	assert_int_equal(y->files[0].kind, PKG_FILE_SOURCE);
	assert_int_equal(y->files[0].mode, 04755);
	assert_int_equal(y->files[0].gid, 2);
	assert_int_equal(y->files[1].kind, PKG_FILE_CONTENTS);
	assert_false(y->files[1].has_mode);
	assert_string_equal(y->files[2].text, "/bin/x");
	assert_int_equal(y->files[3].mode, 01777);
}

static const struct {
	const char *text;
	unsigned line;
	const char *message;
} mistakes[] = {
	{"image: x\ndepends: {docker-images: {list: [a]}}\n", 2, "one of target and target-dir"},
	{"image: x\ndepends: {docker-images: {list: [a], from-file: b, target: c}}\n", 2,
		"both list and from-file"},
	{"image: x\ndepends: {docker-images: {target: ../c}}\n", 2,
		"'../c' is not in the package's"},
	{"image: x\ndepends: {images: []}\n", 2, "unknown key 'images' in depends"},
	{"image: x\nbuildArgs: [A]\n", 2, "must be \"NAME=VALUE\""},
	{"org: me\n", 1, "build.yml has no 'image'"},
	{"- a\n", 1, "build.yml must be a map of keys, not a list"},
	{"", 0, "build.yml must be a map of keys, not nothing"},
	{"image: x\nfiles:\n  - {path: a, source: ../b}\n", 3,
		"the source '../b' is not in the package's directory; "
		"extra-sources can add another one"},
	{"image: x\nfiles:\n  - {path: a, source: /b}\n", 3,
		"the source '/b' is not in the package's directory; "
		"extra-sources can add another one"},
	{"image: x\nfiles:\n  - {path: a, source: $OUT/../b}\n", 3,
		"the source '$OUT/../b' is not in the package's directory; "
		"extra-sources can add another one"},
	{"image: x\nnetwork: maybe\n", 2, "'network' must be true or false"},
	{"image: x\nbuild: {run: a, suite: sarge}\n", 2,
		"unknown suite 'sarge'; use bookworm (Debian 12) or trixie (Debian 13)"},
	{"image: x\nbuild: {run: a, packages: [-o]}\n", 2,
		"'-o' is not the name of a Debian package"},
	{"image: x\nimagee: y\n", 2, "unknown key 'imagee' in build.yml; did you mean 'image'?"},
	{"image: x\nzzzzzz: y\n", 2, "unknown key 'zzzzzz' in build.yml"},
	{"image: [x]\n", 1, "'image' must be a text, not a list"},
	{"image: x\narches: amd64\n", 2, "'arches' must be a list"},
	{"image: x\nextra-sources: [a]\n", 2, "'a' in extra-sources must be \"src:dst\""},
	{"image: x\nextra-sources: ['a:../b']\n", 2, "must be \"src:dst\""},
	{"image: x\nbuild: {}\n", 2, "build has no 'run'"},
	{"image: x\ninclude: a.yml\nbuild: {run: a}\n", 3, "can't stand beside 'include'"},
	{"image: x\ndebian: {packages: [a1], keep: [/a], suit: trixie}\n", 2,
		"did you mean 'suite'?"},
	{"image: x\ndebian: {packages: [a1], keep: [/a], suite: jammy}\n", 2,
		"unknown suite 'jammy'"},
	{"image: x\ndebian: {packages: [a1]}\n", 2, "debian has no 'keep'"},
	{"image: x\ndebian: {packages: ['--x'], keep: [/a]}\n", 2, "'--x' is not the name"},
	{"image: x\ndebian: {packages: ['a1=2'], keep: [/a]}\n", 2, "'a1=2' is not the name"},
	{"image: x\ndebian: {packages: ['a1-'], keep: [/a]}\n", 2, "'a1-' is not the name"},
	{"image: x\ndebian: {packages: ['gcc-$CPU'], keep: [/a]}\n", 2, "is not the name"},
	{"image: x\ndebian: {packages: ['$'], keep: [/a]}\n", 2, "is not the name"},
	{"image: x\ndebian: {packages: [a1], keep: [usr/bin/x]}\n", 2, "must begin with a slash"},
	{"image: x\nfiles:\n  - {path: a}\n", 3,
		"one of source, contents, symlink and directory, not 0"},
	{"image: x\nfiles:\n  - {path: a, source: b, symlink: c}\n", 3, "not 2"},
	{"image: x\nfiles:\n  - {path: ../a, source: b}\n", 3, "'../a' can't be in an image"},
	{"image: x\nfiles:\n  - {path: a, source: b, mode: 999}\n", 3,
		"'mode' must be an octal number"},
	{"image: x\nfiles:\n  - {path: a, source: b, uid: x}\n", 3, "'uid' must be a number"},
	{"image: x\nconfig: [a]\n", 2, "'config' must be a map"},
};

static void each_mistake_has_its_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(mistakes); i++) {
		struct pkg_yml *y = NULL;
		struct werr *err = NULL;

		assert_true(parse(mistakes[i].text, &y, &err) < 0);
		if (!strstr(err->message, mistakes[i].message))
			fail_msg("%s: %s", mistakes[i].text, err->message);
		assert_string_equal(err->file, "build.yml");
		if (mistakes[i].line)
			assert_int_equal(err->line, mistakes[i].line);
		werr_free(err);
	}
}

static void names_of_packages_are_those_of_the_architecture(ATTR_UNUSED void **state)
{
	static const struct {
		const char *name, *arch, *want;
	} names[] = {
		{"nginx", "amd64", "nginx"},
		{"linux-image-$ARCH", "386", "linux-image-i386"},
		{"linux-image-$KERNEL", "arm64", "linux-image-cloud-arm64"},
		{"linux-image-$KERNEL", "riscv64", "linux-image-riscv64"},
		{"gcc-$TRIPLET", "amd64", "gcc-x86-64-linux-gnu"},
		{"gcc-$TRIPLET", "386", "gcc-i686-linux-gnu"},
		{"libc6-dev-$ARCH-cross", "riscv64", "libc6-dev-riscv64-cross"},
		{"$ARCH$ARCH", "arm", "armhfarmhf"},
		{"a$ARC", "amd64", "a$ARC"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		CLEANUP(free)
		char *name = pkg_package_name(names[i].name, arch_find(names[i].arch));

		assert_string_equal(name, names[i].want);
	}
}

static void all_mistakes_are_told_at_once(void **state)
{
	struct pkg_yml *y = NULL;
	struct werr *err = NULL;
	unsigned n = 0;

	(void)state;
	assert_true(
		parse("imag: x\nfiles:\n  - {path: a}\n  - {pat: b, source: c}\n", &y, &err) < 0);
	for (struct werr *e = err; e; e = e->next)
		n++;
	assert_int_equal(n, 5); /* imag, no image, no way, pat, no path */
	werr_free(err);
}

static void config_is_checked_as_in_an_os(ATTR_UNUSED void **state)
{
	static const char text[] = "image: x\n"
				   "files: [{path: a, contents: b}]\n"
				   "config:\n"
				   "  comand: [/a]\n"
				   "  wherry: {restart: sometimes}\n";
	struct pkg_yml *y = NULL;
	struct werr *err = NULL;

	assert_true(parse(text, &y, &err) < 0);
	assert_string_equal(err->message, "unknown key 'comand'; did you mean 'command'?");
	assert_int_equal(err->line, 4);
	assert_int_equal(err->next->line, 5);
	assert_int_equal(err->next->column, 21);
	werr_free(err);
	err = NULL;
	/* It is a Dockerfile's, and somebody else's. */
	assert_ok(parse("image: x\nconfig: {comand: [/a]}\n", &y, &err), err);
	pkg_yml_free(y);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_of_linuxkit_are_read),
		cmocka_unit_test(ways_to_fill_an_image_are_read),
		cmocka_unit_test(each_mistake_has_its_place),
		cmocka_unit_test(names_of_packages_are_those_of_the_architecture),
		cmocka_unit_test(all_mistakes_are_told_at_once),
		cmocka_unit_test(config_is_checked_as_in_an_os),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
