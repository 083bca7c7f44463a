/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TEXT_MAX = 64 << 10 };

#define KERNEL   "kernel: {image: kernel, cmdline: a}\n"
#define INIT     "init: [init]\n"
#define ONBOOT   "onboot: [{name: b, image: su}]\n"
#define SERVICES "services:\n- {name: s, image: app}\n- {name: t, image: www}\n"
#define VOLUMES  "volumes: [{name: v, image: tools}, {name: l, image: su, format: oci}]\n"
#define A        "- {path: etc/a, contents: x}\n"
#define B        "- {path: containers/services/s/lower/b, contents: y}\n"
#define BASE     KERNEL INIT ONBOOT SERVICES VOLUMES "files:\n" A B
#define SBOM     "usr/sbom.json"

/*
 * Which parts of b have another key than in a: "root", "+services/u" for one that a lacks, and
 * "?files" for one without a key. Owned by the caller.
 */
static char *changed(const struct plan *a, const struct plan *b)
{
	CLEANUP(strv) struct strv names = {0};

	for (size_t i = 0; i < b->n; i++) {
		const struct part *new = &b->parts[i], *old = fixture_part(a, new->name);
		char key[SHA256_HEX + 1], old_key[SHA256_HEX + 1];
		CLEANUP(free) char *name = NULL;

		if (!part_key(b, new, key))
			name = str_printf("?%s", new->name);
		else if (!old)
			name = str_printf("+%s", new->name);
		else if (!part_key(a, old, old_key) || !str_eq(key, old_key))
			name = str_dup(new->name);
		if (name)
			strv_add(&names, name);
	}
	return strv_join(&names, " ");
}

#define ALL "boot root onboot/000-b services/s services/t volumes/v volumes/l files sbom"

/* clang-format off */
static const struct row {
	const char *what;
	const char *from;    /* NULL: BASE */
	struct sample_os os; /* yaml NULL: as before; sbom NULL: SBOM */
	const char *image;   /* NULL; or one that means another image now */
	const char *changed;
} rows[] = {
	{"nothing", NULL, {NULL}, NULL, ""},
	{"what only says how parts are encoded, or checked",
		NULL, {.options = {.strict = false, .compression = {CODEC_ZSTD, 3}}}, NULL, ""},
	{"what LinuxKit does otherwise", NULL, {.compat = true}, NULL, ALL},

	{"the kernel's command line", NULL,
		{"kernel: {image: kernel, cmdline: b}\n"
		 INIT ONBOOT SERVICES VOLUMES "files:\n" A B}, NULL, "boot"},
	{"the kernel's file", NULL,
		{"kernel: {image: kernel, cmdline: a, binary: vmlinuz}\n"
		 INIT ONBOOT SERVICES VOLUMES "files:\n" A B}, NULL, "boot"},
	{"microcode", NULL,
		{"kernel: {image: kernel, cmdline: a, ucode: ucode.cpio}\n"
		 INIT ONBOOT SERVICES VOLUMES "files:\n" A B}, NULL, "boot"},
	{"a kernel that is decompressed",
		NULL, {.options = {.decompress_kernel = true}}, NULL, "boot"},
	{"the kernel's image", NULL, {NULL}, "kernel", "boot root sbom"},
	{"no modules", NULL,
		{"kernel: {image: kernel, cmdline: a, tar: none}\n"
		 INIT ONBOOT SERVICES VOLUMES "files:\n" A B}, NULL, "root"},
	{"the kernel's image when the root has no modules", "kernel: {image: kernel, tar: none}",
		{NULL}, "kernel", "boot sbom"},
	{"the name of the modules' tar", NULL,
		{"kernel: {image: kernel, cmdline: a, tar: modules}\n"
		 INIT ONBOOT SERVICES VOLUMES "files:\n" A B}, NULL, "root"},
	{"no kernel, so that the root comes first", "kernel: {image: kernel, tar: none}", {"{}"},
		NULL, "root sbom"},

	{"an init image", NULL, {NULL}, "init", "root sbom"},
	{"one more of them", NULL,
		{KERNEL "init: [init, tools]\n" ONBOOT SERVICES VOLUMES "files:\n" A B},
		NULL, "root sbom"},
	{"their order", "init: [init, tools]", {"init: [tools, init]"}, NULL, "root sbom"},

	{"a service's image", NULL, {NULL}, "app", "services/s files sbom"},
	{"the image of two entries", "services: [{name: a, image: app}, {name: b, image: app}]",
		{NULL}, "app", "services/a services/b sbom"},
	{"the image of two entries, whose rights do not depend on it",
		"services: [{name: a, image: app}, {name: b, image: app, noNewPrivileges: true}]",
		{NULL}, "app", "services/a sbom"},
	{"what a service runs", "services: [{name: a, image: app, noNewPrivileges: true}]",
		{"services: [{name: a, image: app, noNewPrivileges: true, command: [/bin/x]}]"},
		NULL, "services/a"},
	{"what is done before a service runs", NULL,
		{KERNEL INIT ONBOOT "services:\n- {name: s, image: app}\n"
		 "- {name: t, image: www, runtime: {mkdir: [/var/x]}}\n" VOLUMES "files:\n" A B},
		NULL, "services/t"},
	{"a root that is read-only", NULL,
		{KERNEL INIT ONBOOT "services:\n- {name: s, image: app}\n"
		 "- {name: t, image: www, readonly: true}\n" VOLUMES "files:\n" A B},
		NULL, "services/t"},
	{"ids of its own", NULL,
		{KERNEL INIT ONBOOT "services:\n- {name: s, image: app}\n"
		 "- {name: t, image: www, wherry: {userns: auto}}\n" VOLUMES "files:\n" A B},
		NULL, "services/t"},
	{"a name", "onboot: [{name: b, image: su}]", {"onboot: [{name: c, image: su}]"}, NULL,
		"+onboot/000-c"},
	/* The files of bundles depend on which bundles there are. */
	{"another service", NULL,
		{KERNEL INIT ONBOOT SERVICES "- {name: u, image: su}\n" VOLUMES "files:\n" A B},
		NULL, "+services/u files"},
	{"the first entry of a section", NULL,
		{KERNEL INIT ONBOOT SERVICES VOLUMES "onshutdown: [{name: d, image: su}]\n"
		 "files:\n" A B}, NULL, "root +onshutdown/000-d files"},
	{"a section instead of another one", "onboot: [{name: b, image: su}]",
		{"onshutdown: [{name: b, image: su}]"}, NULL, "root +onshutdown/000-b"},
	{"the order of services", "services:\n- {name: s, image: app}\n- {name: t, image: www}",
		{"services:\n- {name: t, image: www}\n- {name: s, image: app}\n"}, NULL, "sbom"},

	{"a volume's image", NULL, {NULL}, "tools", "volumes/v sbom"},
	{"an image that a volume has as a layout", NULL, {NULL}, "su",
		"onboot/000-b volumes/l sbom"},
	{"a volume that is read-only", NULL,
		{KERNEL INIT ONBOOT SERVICES
		 "volumes: [{name: v, image: tools, readonly: true}, "
		 "{name: l, image: su, format: oci}]\n"
		 "files:\n" A B}, NULL, "volumes/v"},
	{"a layout that becomes files", NULL,
		{KERNEL INIT ONBOOT SERVICES
		 "volumes: [{name: v, image: tools}, {name: l, image: su}]\n"
		 "files:\n" A B}, NULL, "volumes/l"},
	{"the first volume", "init: [init]", {"init: [init]\nvolumes: [{name: v}]"}, NULL,
		"root +volumes/v"},
	{"the second volume", "volumes: [{name: v}]", {"volumes: [{name: v}, {name: w}]"}, NULL,
		"+volumes/w"},

	{"contents of a file", NULL,
		{KERNEL INIT ONBOOT SERVICES VOLUMES "files:\n- {path: etc/a, contents: z}\n" B},
		NULL, "root"},
	{"its path", NULL,
		{KERNEL INIT ONBOOT SERVICES VOLUMES "files:\n- {path: etc/aa, contents: x}\n" B},
		NULL, "root"},
	{"its mode", NULL,
		{KERNEL INIT ONBOOT SERVICES VOLUMES
		 "files:\n- {path: etc/a, contents: x, mode: \"0644\"}\n" B}, NULL, "root"},
	{"its owner", NULL,
		{KERNEL INIT ONBOOT SERVICES VOLUMES
		 "files:\n- {path: etc/a, contents: x, uid: 7}\n" B}, NULL, "root"},
	{"its group", NULL,
		{KERNEL INIT ONBOOT SERVICES VOLUMES
		 "files:\n- {path: etc/a, contents: x, gid: 7}\n" B}, NULL, "root"},
	{"its kind", "files: [{path: a, contents: '', mode: \"0700\"}]",
		{"files: [{path: a, directory: true}]"}, NULL, "root"},
	{"where a symlink leads", "files: [{path: a, symlink: b}]",
		{"files: [{path: a, symlink: c}]"}, NULL, "root"},
	{"the configuration that is in a file", "init: [init]\nfiles: [{path: a, metadata: yaml}]",
		{"init: [init]\nservices: [{name: s, image: app}]\n"
		 "files: [{path: a, metadata: yaml}]"}, NULL, "root +services/s sbom"},
	{"contents of a file in a bundle", NULL,
		{KERNEL INIT ONBOOT SERVICES VOLUMES
		 "files:\n" A "- {path: containers/services/s/lower/b, contents: z}\n"},
		NULL, "files"},
	{"what the bundle of a file runs", NULL,
		{KERNEL INIT ONBOOT
		 "services:\n- {name: s, image: app, command: [x]}\n- {name: t, image: www}\n"
		 VOLUMES "files:\n" A B}, NULL, "services/s files"},

	{"the directory of the SBOM",
		NULL, {.options = {.sbom = "usr/share/sbom.json"}}, NULL, "root sbom"},
	{"the name of the SBOM", NULL, {.options = {.sbom = "usr/os.json"}}, NULL, "sbom"},
	{"the time of the SBOM", NULL, {.options = {.sbom_time = 1}}, NULL, "sbom"},
};
/* clang-format on */

static void test_a_key_changes_with_what_its_part_is_made_of(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *row = &rows[i];
		const char *from = row->from ? row->from : BASE;
		const struct sample_os before = {from, .options = {.sbom = SBOM}};
		struct sample_os now = row->os;
		CLEANUP(planned) struct planned a = fixture_must_plan(*state, &before), b = {0};
		CLEANUP(free) char *is = NULL;

		if (row->image)
			fixture_change_image(*state, row->image);
		now.yaml = now.yaml ? now.yaml : from;
		now.options.sbom = now.options.sbom ? now.options.sbom : SBOM;
		b = fixture_must_plan(*state, &now);
		if (row->image)
			fixture_restore_images(*state);
		is = changed(a.plan, b.plan);
		if (!str_eq(is, row->changed))
			fail_msg("%s: '%s' changed and not '%s'", row->what, is, row->changed);
	}
}

/* A file of the root, and one of a bundle. */
static char *sources(const char *source, const char *keys)
{
	return str_printf("services: [{name: s, image: app}]\nfiles:\n"
			  "- {path: a, source: %s%s}\n"
			  "- {path: containers/services/s/lower/a, source: %s%s}\n",
		source, keys, source, keys);
}

static void assert_changed(const struct planned *p, const struct planned *q, const char *expected)
{
	CLEANUP(free) char *is = changed(p->plan, q->plan);

	assert_string_equal(is, expected);
}

static void test_a_key_changes_with_a_source_file(void **state)
{
	CLEANUP(free) char *one = fixture_path(*state, "one");
	CLEANUP(free) char *two = fixture_path(*state, "two");
	CLEANUP(free) char *from_one = sources(one, "");
	CLEANUP(free) char *from_two = sources(two, "");
	CLEANUP(planned)
	struct planned a = fixture_must_plan(*state, &(struct sample_os){from_one});
	CLEANUP(planned)
	struct planned b = fixture_must_plan(*state, &(struct sample_os){from_two});
	char before[SHA256_HEX + 1], after[SHA256_HEX + 1];

	fixture_write(*state, "one", "text");
	fixture_write(*state, "two", "text");
	assert_changed(&a, &b, "");
	fixture_write(*state, "two", "texts");
	assert_changed(&a, &b, "root files");
	/* The same plan has another key while a file changes. */
	assert_true(part_key(a.plan, fixture_part(a.plan, "root"), before));
	fixture_write(*state, "one", "TEXT");
	assert_true(part_key(a.plan, fixture_part(a.plan, "root"), after));
	assert_string_not_equal(before, after);
}

static void test_what_cannot_be_read_twice_has_no_key(void **state)
{
	CLEANUP(free) char *fifo = fixture_path(*state, "fifo");
	CLEANUP(free) char *from_fifo = sources(fifo, "");
	CLEANUP(planned)
	struct planned a = fixture_must_plan(*state, &(struct sample_os){from_fifo});

	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_changed(&a, &a, "?root ?files");
	assert_int_equal(unlink(fifo), 0);
}

static void test_a_missing_source_has_no_key_unless_it_is_optional(void **state)
{
	CLEANUP(free) char *path = fixture_path(*state, "later");
	CLEANUP(free) char *needed = sources(path, "");
	CLEANUP(free) char *optional = sources(path, ", optional: true");
	CLEANUP(planned) struct planned a = fixture_must_plan(*state, &(struct sample_os){needed});
	CLEANUP(planned)
	struct planned b = fixture_must_plan(*state, &(struct sample_os){optional});
	char before[SHA256_HEX + 1], after[SHA256_HEX + 1];

	assert_changed(&a, &a, "?root ?files");
	assert_changed(&b, &b, "");
	assert_true(part_key(b.plan, fixture_part(b.plan, "root"), before));
	fixture_write(*state, "later", "");
	assert_true(part_key(b.plan, fixture_part(b.plan, "root"), after));
	assert_string_not_equal(before, after);
	assert_changed(&a, &a, "");
}

/* Also of those that only their directories tell apart: the second and third x, the volumes. */
static void test_each_part_of_a_plan_has_a_key_of_its_own(void **state)
{
	static const char yaml[] =
		KERNEL INIT "onboot: [{name: x, image: su}, {name: x, image: su}, "
			    "{name: x, image: su}]\n"
			    "volumes: [{name: v}, {name: w}]\n"
			    "files: [{path: containers/x, contents: x}]";
	CLEANUP(planned)
	struct planned p =
		fixture_must_plan(*state, &(struct sample_os){yaml, .options = {.sbom = SBOM}});
	char keys[16][SHA256_HEX + 1];

	assert_int_equal(p.plan->n, 9);
	for (size_t i = 0; i < p.plan->n; i++) {
		assert_true(part_key(p.plan, &p.plan->parts[i], keys[i]));
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(keys[i], keys[j]);
	}
}

/* "NAME" of the parts that say what the root is like; owned by the caller. */
static char *with_root(struct plan *p)
{
	CLEANUP(strv) struct strv names = {0};
	struct werr *err = NULL;

	assert_ok(plan_load_kernel(p, &err), err);
	for (size_t i = 0; i < p->n; i++) {
		CLEANUP(part_content) struct part_content c = {0};

		assert_ok(part_load(p, &p->parts[i], &c, &err), err);
		if (c.with_root)
			strv_add(&names, p->parts[i].name);
	}
	return strv_join(&names, " ");
}

/* clang-format off */
static const struct {
	struct sample_os os;
	const char *parts;
} roots[] = {
	{{"init: [init]\nservices: [{name: s, image: app}]"}, "root"},
	{{"kernel: {image: kernel}\ninit: [init]"}, "boot"},
	/* LinuxKit has it when the modules' tar has it. */
	{{"kernel: {image: kernel}\ninit: [init]", .compat = true}, "root"},
	{{"kernel: {image: kernel, tar: none}\ninit: [init]", .compat = true}, ""},
};
/* clang-format on */

static void test_the_first_part_says_what_the_root_is_like(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(roots); i++) {
		CLEANUP(planned) struct planned p = fixture_must_plan(*state, &roots[i].os);
		CLEANUP(free) char *parts = with_root(p.plan);

		assert_string_equal(parts, roots[i].parts);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_key_changes_with_what_its_part_is_made_of),
		cmocka_unit_test(test_a_key_changes_with_a_source_file),
		cmocka_unit_test(test_what_cannot_be_read_twice_has_no_key),
		cmocka_unit_test(test_a_missing_source_has_no_key_unless_it_is_optional),
		cmocka_unit_test(test_the_first_part_says_what_the_root_is_like),
		cmocka_unit_test(test_each_part_of_a_plan_has_a_key_of_its_own),
	};

	return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
