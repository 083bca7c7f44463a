/* SPDX-License-Identifier: Apache-2.0 */
/* The model that YAML files become. */
#include "load.h"

static void test_kernel_defaults(ATTR_UNUSED void **state)
{
	CLEANUP(config) struct config *none = must_load("init: [a]");
	CLEANUP(config) struct config *some = must_load("kernel: {image: k}");
	CLEANUP(config)
	struct config *other =
		must_load("kernel: {image: k, cmdline: c, binary: b, tar: none, ucode: u}");

	assert_null(none->kernel.image);
	assert_string_equal(some->kernel.image, "k");
	assert_string_equal(some->kernel.cmdline, "");
	assert_string_equal(some->kernel.binary, "kernel");
	assert_string_equal(some->kernel.tar, "kernel.tar");
	assert_null(some->kernel.ucode);
	assert_null(other->kernel.tar);
	assert_string_equal(other->kernel.ucode, "u");
}

static void test_containers_have_directories_and_ids(ATTR_UNUSED void **state)
{
	CLEANUP(config)
	struct config *c = must_load("services: [{name: s, image: i}]\n"
				     "onboot: [{name: a, image: i}, {name: a, image: j}]\n"
				     "onshutdown: [{name: x, image: i}]\n");

	assert_int_equal(c->n_containers, 4);
	assert_string_equal(c->containers[0].dir, "containers/onboot/000-a");
	assert_string_equal(c->containers[1].dir, "containers/onboot/001-a");
	assert_string_equal(c->containers[2].dir, "containers/onshutdown/000-x");
	assert_string_equal(c->containers[3].dir, "containers/services/s");
	assert_int_equal(c->containers[0].id, 100);
	assert_int_equal(c->containers[3].id, 103);
	assert_int_equal(c->containers[3].section, CONFIG_SERVICES);
}

static void test_files(ATTR_UNUSED void **state)
{
	CLEANUP(config)
	struct config *c = must_load("files:\n"
				     "  - {path: /etc//a, contents: \"x\\0y\", uid: s, gid: 5}\n"
				     "  - {path: d/, directory: true}\n"
				     "  - {path: l, symlink: ../t, mode: '0777'}\n"
				     "  - {path: s, source: f, optional: true, directory: false}\n"
				     "services: [{name: s, image: i}]\n");

	assert_int_equal(c->n_files, 4);
	assert_string_equal(c->files[0].path, "etc/a");
	assert_int_equal(c->files[0].kind, FILE_CONTENTS);
	assert_int_equal(c->files[0].size, 3);
	assert_int_equal(c->files[0].mode, 0600);
	assert_int_equal(c->files[0].uid, 100);
	assert_int_equal(c->files[0].gid, 5);
	assert_int_equal(c->files[1].kind, FILE_DIRECTORY);
	assert_int_equal(c->files[1].mode, 0700);
	assert_string_equal(c->files[2].target, "../t");
	assert_int_equal(c->files[2].mode, 0777);
	assert_string_equal(c->files[3].source, "f");
	assert_true(c->files[3].optional);
}

static void test_files_are_merged(ATTR_UNUSED void **state)
{
	static const char one[] = "kernel: {image: k1, cmdline: keep, tar: none}\n"
				  "init: [a]\nonboot: [{name: o, image: i}]\n"
				  "services: [{name: s, image: i, uid: t}]\n";
	static const char two[] = "kernel: {image: k2, cmdline: ''}\n"
				  "init: [b]\nonboot: [{name: p, image: i}]\n"
				  "services: [{name: t, image: i}]\n";
	struct config_text texts[] = {
		{"dir/one.yml", one, sizeof(one) - 1}, {"dir/two.x.yml", two, sizeof(two) - 1}};
	CLEANUP(config) struct config *c = NULL;
	struct werr *err = NULL;

	assert_ok(config_load_texts(texts, 2, NULL, &c, &err), err);
	assert_string_equal(c->name, "two.x");
	assert_string_equal(c->kernel.image, "k2");
	assert_string_equal(c->kernel.cmdline, "keep");
	assert_null(c->kernel.tar);
	assert_string_equal(c->init.images[1], "b");
	assert_string_equal(c->containers[1].dir, "containers/onboot/001-p");
	assert_string_equal(c->containers[3].name, "t");
	assert_string_equal(c->containers[3].node->document->name, "dir/two.x.yml");
	assert_int_equal(c->containers[3].index, 1);
}

static void test_the_name_of_stdin(ATTR_UNUSED void **state)
{
	static const struct config_options as_linuxkit = {.compat = true};
	struct config_text text = {"-", "---\n", 4};
	CLEANUP(config) struct config *c = NULL;
	CLEANUP(config) struct config *compat = NULL;

	assert_int_equal(config_load_texts(&text, 1, NULL, &c, NULL), 0);
	assert_string_equal(c->name, "os");
	assert_int_equal(config_load_texts(&text, 1, &as_linuxkit, &compat, NULL), 0);
	assert_string_equal(compat->name, "moby");
}

static void test_images_are_named_once(ATTR_UNUSED void **state)
{
	CLEANUP(config)
	struct config *c = must_load("services: [{name: a, image: b}, {name: b, image: k}]\n"
				     "init: [a, b]\nkernel: {image: k}\ntrust: {org: [x]}\n");
	struct config_image_use *uses = NULL;
	size_t n = config_images(c, &uses);

	assert_int_equal(n, 3);
	assert_string_equal(uses[0].image, "k");
	assert_string_equal(uses[1].image, "a");
	assert_string_equal(uses[2].image, "b");
	assert_string_equal(uses[2].reference->name, "docker.io/library/b:latest");
	assert_int_equal(uses[2].node->line, 2);
	free(uses);
}

static void find_packages(struct config_package *packages, size_t n, struct werr **errs, void *ctx)
{
	for (size_t i = 0; i < n; i++) {
		const char *name = str_after(packages[i].word, "../pkg/");

		assert_string_equal(packages[i].base, "dir/");
		if (str_ends_with(packages[i].word, "bad")) {
			werr_set(&errs[i], WERR_INVALID, "no build.yml");
			continue;
		}
		packages[i].dir = str_dup(packages[i].word);
		packages[i].image = str_printf("%s/%s:tag", (const char *)ctx, name);
	}
}

static void test_packages(ATTR_UNUSED void **state)
{
	static const char good[] = "init: ['@pkg:../pkg/x', '@pkg:../pkg/y', '@pkg:../pkg/x']\n"
				   "files: [{path: a, contents: '@daily'}]\n";
	static const char bad[] = "init: ['@pkg:/bad', '@pkg:../pkg/x', '@pkg:/too/bad']\n";
	struct config_options options = {find_packages, (char[]){"org"}};
	struct config_text text = {"dir/os.yml", good, sizeof(good) - 1};
	CLEANUP(config) struct config *c = NULL;
	struct werr *err = NULL;

	assert_ok(config_load_texts(&text, 1, &options, &c, &err), err);
	assert_string_equal(c->init.images[0], "org/x:tag");
	assert_string_equal(c->init.images[1], "org/y:tag");
	assert_string_equal(config_package_of(c, "org/y:tag")->dir, "../pkg/y");
	assert_string_equal(c->files[0].contents, "@daily");
	text = (struct config_text){"dir/os.yml", bad, sizeof(bad) - 1};
	config_free(STEAL(c));
	assert_true(config_load_texts(&text, 1, &options, &c, &err) < 0);
	assert_string_equal(err->message, "no build.yml");
	assert_int_equal(err->column, 8);
	assert_int_equal(err->next->column, 38);
	assert_null(err->next->next);
	werr_free(err);
}

static void test_missing_file(ATTR_UNUSED void **state)
{
	const char *path = "no-such-file.yml";
	struct config *c = NULL;
	struct werr *err = NULL;

	assert_fails(config_load(&path, 1, NULL, &c, &err), err, WERR_NOT_FOUND,
		"can't open no-such-file.yml: No such file or directory");
	path = "https://example.com/os.yml";
	assert_fails(config_load(&path, 1, NULL, &c, &err), err, WERR_UNSUPPORTED, "URLs");
}

/* What the firmware would read the first line of only; LinuxKit leaves it. */
static void test_the_command_line_is_one_line(ATTR_UNUSED void **state)
{
	static const struct {
		const char *text, *expected;
	} cases[] = {{"a\\nb", "a b"}, {"\\n a \\r\\n\\n b  c\\n", "a b  c"}, {"a  b ", "a  b "},
		{"\\n", ""}};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct config_options compat = {.compat = true};
		CLEANUP(free)
		char *yaml = str_printf("kernel: {image: k, cmdline: \"%s\"}", cases[i].text);
		const struct config_text t = {"os.yml", yaml, strlen(yaml)};
		CLEANUP(config) struct config *c = must_load(yaml);
		CLEANUP(config) struct config *linuxkit = NULL;
		struct werr *err = NULL;

		assert_string_equal(c->kernel.cmdline, cases[i].expected);
		assert_ok(config_load_texts(&t, 1, &compat, &linuxkit, &err), err);
		assert_int_equal(strchr(linuxkit->kernel.cmdline, '\n') != NULL, i != 2);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_command_line_is_one_line),
		cmocka_unit_test(test_kernel_defaults),
		cmocka_unit_test(test_containers_have_directories_and_ids),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_files_are_merged),
		cmocka_unit_test(test_the_name_of_stdin),
		cmocka_unit_test(test_images_are_named_once),
		cmocka_unit_test(test_packages),
		cmocka_unit_test(test_missing_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
