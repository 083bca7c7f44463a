/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include <stdlib.h>

enum { TEXT_MAX = 64 << 10 };

/* "KIND NAME FILES" for each part, where FILES is the place of its image's files in its directory.
 */
static char *list_parts(const struct plan *p)
{
	CLEANUP(buf) struct buf text = BUF_INIT(TEXT_MAX);

	for (size_t i = 0; i < p->n; i++) {
		const struct part *part = &p->parts[i];
		const char *files = part->files_dir ? str_after(part->files_dir, part->dir) : "-";

		buf_printf(&text, "%s %s %s\n", part->kind->name, part->name, files);
	}
	return str_dup(buf_str(&text));
}

/* clang-format off */
static const struct {
	const char *what;
	struct sample_os os;
	const char *parts;
} lists[] = {
	{"nothing but a root",
		{"{}"},
		"root root -\n"},
	{"the kernel comes first",
		{"kernel: {image: kernel}\ninit: [init]"},
		"boot boot -\n"
		"root root -\n"},
	{"sections in the order that they start in, whatever the order in the file",
		{"services: [{name: s, image: app}]\n"
		 "onshutdown: [{name: d, image: su}]\n"
		 "onboot: [{name: b, image: www}, {name: c, image: init}]"},
		"root root -\n"
		"container onboot/000-b /lower\n"
		"container onboot/001-c /lower\n"
		"container onshutdown/000-d /lower\n"
		"container services/s /lower\n"},
	{"volumes, files of bundles and the SBOM come last",
		{"services: [{name: s, image: app}]\n"
		 "volumes: [{name: v, image: tools}, {name: e}]\n"
		 "files: [{path: containers/services/s/lower/x, contents: x}]",
		 .options = {.sbom = "sbom.json"}},
		"root root -\n"
		"container services/s /lower\n"
		"volume volumes/v /lower\n"
		"volume volumes/e -\n"
		"files files -\n"
		"sbom sbom -\n"},
	{"files of the root are not a part of their own",
		{"files: [{path: containersx, contents: x}]"},
		"root root -\n"},
	{"a read-only root has its files in its place",
		{"services: [{name: s, image: app, readonly: true}]"},
		"root root -\n"
		"container services/s /rootfs\n"},
	{"entries of one image share its files",
		{"services:\n"
		 "- {name: a, image: app}\n"
		 "- {name: b, image: app, readonly: true}\n"
		 "- {name: c, image: su}"},
		"root root -\n"
		"container services/a /lower\n"
		"container services/b -\n"
		"container services/c /lower\n"},
	{"also when one of them says the name in full",
		{"services:\n"
		 "- {name: a, image: app}\n"
		 "- {name: b, image: 'docker.io/library/app:latest'}"},
		"root root -\n"
		"container services/a /lower\n"
		"container services/b -\n"},
	{"and when the first one is in another section",
		{"onboot: [{name: a, image: app}]\n"
		 "services: [{name: b, image: app}]"},
		"root root -\n"
		"container onboot/000-a /lower\n"
		"container services/b -\n"},
	{"files with ids of their own are not shared",
		{"services:\n"
		 "- {name: a, image: app, wherry: {userns: auto}}\n"
		 "- {name: b, image: app}\n"
		 "- {name: c, image: app}\n"
		 "- {name: d, image: app, wherry: {userns: auto}}"},
		"root root -\n"
		"container services/a /lower\n"
		"container services/b /lower\n"
		"container services/c -\n"
		"container services/d /lower\n"},
	{"a volume does not share a container's files",
		{"services: [{name: a, image: app}]\n"
		 "volumes: [{name: v, image: app}]"},
		"root root -\n"
		"container services/a /lower\n"
		"volume volumes/v /lower\n"},
	{"a volume with a layout has no files",
		{"volumes: [{name: v, image: app, format: oci}]"},
		"root root -\n"
		"volume volumes/v -\n"},
	{"with --compat all is the same",
		{"kernel: {image: kernel}\n"
		 "services: [{name: a, image: app}, {name: b, image: app}]",
		 .compat = true},
		"boot boot -\n"
		"root root -\n"
		"container services/a /lower\n"
		"container services/b -\n"},
};
/* clang-format on */

static void test_parts_their_order_and_where_files_are(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		CLEANUP(planned) struct planned p = fixture_must_plan(*state, &lists[i].os);
		CLEANUP(free) char *parts = list_parts(p.plan);

		if (!str_eq(parts, lists[i].parts))
			fail_msg("%s:\n%sand not\n%s", lists[i].what, parts, lists[i].parts);
	}
}

static void test_a_part_knows_its_place(void **state)
{
	CLEANUP(planned)
	struct planned p = fixture_must_plan(*state,
		&(struct sample_os){"services: [{name: s, image: app}]\nvolumes: [{name: v}]"});
	const struct part *s = fixture_part(p.plan, "services/s");
	const struct part *v = fixture_part(p.plan, "volumes/v");

	assert_string_equal(s->dir, "containers/services/s");
	assert_ptr_equal(s->entry, &p.config->containers[0]);
	assert_string_equal(s->image->name, "docker.io/library/app:latest");
	assert_true(part_has_path(s, "containers/services/s/lower/x"));
	assert_false(part_has_path(s, "containers/services/s"));
	assert_false(part_has_path(s, "containers/services/s2/x"));
	assert_string_equal(v->dir, "containers/volumes/v");
	assert_string_equal(v->prefix, "containers/volumes/v/lower");
	assert_ptr_equal(v->volume, &p.config->volumes[0]);
	assert_null(v->image);
	assert_false(part_has_path(fixture_part(p.plan, "root"), "etc/x"));
	assert_ptr_equal(plan_image(p.plan, "app"), s->image);
	assert_null(plan_image(p.plan, "www"));
}

#define NAME(name_) "docker.io/library/" name_ ":latest"
#define CAPABILITY  "gives itself capabilities: CAP_NET_BIND_SERVICE"
#define IS_MISSING  "is not in the store"

/* clang-format off */
static const struct {
	const char *what;
	struct sample_os os;
	const char *errors;
} mistakes[] = {
	{"each image that is missing, once, where it is named first",
		{"kernel: {image: k}\n"
		 "init: [init, nope]\n"
		 "services:\n"
		 "- {name: a, image: app}\n"
		 "- {name: b, image: gone}\n"
		 "- {name: c, image: gone}\n"
		 "volumes:\n"
		 "- {name: v, image: void}"},
		"1:17: image " NAME("k") " " IS_MISSING "\n"
		"2:14: image " NAME("nope") " " IS_MISSING "\n"
		"5:20: image " NAME("gone") " " IS_MISSING "\n"
		"8:20: image " NAME("void") " " IS_MISSING "\n"},
	{"a layout whose image is there for other platforms only",
		{"volumes:\n"
		 "- {name: v, image: app, format: oci, platforms: [linux/arm64]}"},
		"2:20: image " NAME("app") ": it is not available for linux/arm64\n"},
	{"each entry that takes too much, when that is forbidden",
		{"services:\n"
		 "- {name: a, image: www}\n"
		 "- {name: b, image: app}\n"
		 "- {name: c, image: www}",
		 .options = {.strict = true}},
		"2:3: the image of 'a' " CAPABILITY "\n"
		"4:3: the image of 'c' " CAPABILITY "\n"},
	{"entries and volumes in one list",
		{"services:\n"
		 "- {name: a, image: www}\n"
		 "volumes:\n"
		 "- {name: v, image: none, format: oci}",
		 .options = {.strict = true}},
		"2:3: the image of 'a' " CAPABILITY "\n"
		"4:20: image " NAME("none") " " IS_MISSING "\n"},
};
/* clang-format on */

static void test_all_mistakes_are_one_list(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(mistakes); i++) {
		CLEANUP(planned) struct planned p = {0};
		CLEANUP(werr) struct werr *err = NULL;
		CLEANUP(free) char *errors = NULL;

		if (fixture_plan(*state, &mistakes[i].os, &p, &err) >= 0)
			fail_msg("%s: no mistake was found", mistakes[i].what);
		assert_null(p.plan);
		errors = fixture_errors(err);
		if (!str_eq(errors, mistakes[i].errors))
			fail_msg(
				"%s:\n%sand not\n%s", mistakes[i].what, errors, mistakes[i].errors);
	}
}

/* clang-format off */
static const struct {
	const char *what;
	struct sample_os os;
	const char *warnings;
} warnings[] = {
	{"an entry with nothing to run",
		{"services:\n"
		 "- {name: a, image: tools}"},
		"os.yml:2:3: 'a' has nothing to run: neither the file nor its image tools names a "
		"program\n"},
	{"which LinuxKit makes as well",
		{"services:\n"
		 "- {name: a, image: tools}",
		 .compat = true},
		""},
	{"what a label takes",
		{"services:\n"
		 "- {name: a, image: www}"},
		"os.yml:2:3: the image of 'a' " CAPABILITY "; if that is intended: 'wherry: "
			"{accept: "
		"[capabilities]}'\n"},
	{"what the label of a package that is built here takes",
		{"services:\n"
		 "- {name: a, image: '@pkg:www'}"},
		""},
	{"what a label takes and the file accepts",
		{"services:\n"
		 "- {name: a, image: www, wherry: {accept: [capabilities]}}"},
		""},
};
/* clang-format on */

static void test_warnings(void **state)
{
	free(fixture_warnings());
	for (size_t i = 0; i < ARRAY_SIZE(warnings); i++) {
		CLEANUP(planned)
		ATTR_UNUSED struct planned p = fixture_must_plan(*state, &warnings[i].os);
		CLEANUP(free) char *text = fixture_warnings();

		if (!str_eq(text, warnings[i].warnings))
			fail_msg(
				"%s:\n%sand not\n%s", warnings[i].what, text, warnings[i].warnings);
	}
}

static void test_the_user_of_an_image_is_looked_up_in_its_files(void **state)
{
	static const char yaml[] = "services: [{name: a, image: www}]";
	CLEANUP(planned) struct planned p = fixture_must_plan(*state, &(struct sample_os){yaml});
	CLEANUP(planned)
	struct planned like_linuxkit =
		fixture_must_plan(*state, &(struct sample_os){yaml, .compat = true});

	assert_non_null(
		strstr(fixture_part(p.plan, "services/a")->container->config_json, "\"uid\": 33"));
	assert_null(strstr(
		fixture_part(like_linuxkit.plan, "services/a")->container->config_json, "33"));
}

/* clang-format off */
static const struct {
	const char *kernel, *error, *hint;
} kernels[] = {
	{"binary: bzImage",
		"kernel image kernel has no file 'bzImage' (the binary)",
		"name it with 'binary:' under 'kernel:'"},
	{"binary: dir",
		"kernel image kernel has no file 'dir' (the binary)",
		"name it with 'binary:' under 'kernel:'"},
	{"tar: modules.tar",
		"kernel image kernel has no file 'modules.tar' (the tar)",
		"name it with 'tar:' under 'kernel:', or write 'tar: none' if there are no "
		"modules"},
	{"ucode: ucode",
		"kernel image kernel has no file 'ucode' (the ucode)",
		"name it with 'ucode:' under 'kernel:'"},
};
/* clang-format on */

static void test_a_kernel_image_must_have_what_is_named(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(kernels); i++) {
		CLEANUP(free)
		char *yaml = str_printf("kernel: {image: kernel, %s}", kernels[i].kernel);
		CLEANUP(planned)
		struct planned p = fixture_must_plan(*state, &(struct sample_os){yaml});
		CLEANUP(werr) struct werr *err = NULL;

		assert_int_equal(plan_load_kernel(p.plan, &err), werr_code(WERR_NOT_FOUND));
		assert_string_equal(err->message, kernels[i].error);
		assert_string_equal(err->hint, kernels[i].hint);
		assert_int_equal(err->line, 1);
	}
}

static void test_a_kernel_is_loaded_when_somebody_needs_it(void **state)
{
	CLEANUP(planned)
	struct planned none = fixture_must_plan(*state, &(struct sample_os){"init: [init]"});
	CLEANUP(planned)
	struct planned some = fixture_must_plan(*state,
		&(struct sample_os){"kernel: {image: kernel, tar: none, ucode: ucode.cpio}"});
	struct werr *err = NULL;

	assert_ok(plan_load_kernel(none.plan, &err), err);
	assert_null(none.plan->kernel.tree);
	assert_ok(plan_load_kernel(some.plan, &err), err);
	assert_string_equal(some.plan->kernel.binary->name, "kernel");
	assert_string_equal(some.plan->kernel.ucode->name, "ucode.cpio");
	assert_null(some.plan->kernel.tar);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parts_their_order_and_where_files_are),
		cmocka_unit_test(test_a_part_knows_its_place),
		cmocka_unit_test(test_all_mistakes_are_one_list),
		cmocka_unit_test(test_warnings),
		cmocka_unit_test(test_the_user_of_an_image_is_looked_up_in_its_files),
		cmocka_unit_test(test_a_kernel_image_must_have_what_is_named),
		cmocka_unit_test(test_a_kernel_is_loaded_when_somebody_needs_it),
	};

	return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
