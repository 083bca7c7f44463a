/* SPDX-License-Identifier: Apache-2.0 */
/* LinuxKit's images become components. */
#include "config/replacement.h"

#include "files.h"

static unsigned in_a_file;

/* Each package is there, and its image is made/NAME. */
static void find_packages(
	struct config_package *packages, size_t n, ATTR_UNUSED struct werr **errs, void *ctx)
{
	(void)ctx;
	for (size_t i = 0; i < n; i++) {
		in_a_file += packages[i].base != NULL;
		packages[i].image = str_printf("made/%s", packages[i].word);
	}
}

static struct config *replaced(const char *text)
{
	struct config_options o = {.find_packages = find_packages, .components = "wherry"};
	struct config *c = NULL;
	struct werr *err = NULL;

	in_a_file = 0;
	assert_ok(load("os.yml", text, &o, &c, &err), err);
	assert_int_equal(in_a_file, strstr(text, "@pkg:") ? 1 : 0);
	return c;
}

static void test_the_table_has_what_it_needs(ATTR_UNUSED void **state)
{
	CLEANUP(document) struct document *table = NULL;
	struct werr *err = NULL;
	size_t left_out = 0;

	assert_ok(replacement_table_read(&table, &err), err);
	assert_non_null(replacement_table_find(table, "init"));
	assert_null(replacement_table_find(table, "nothing"));
	for (size_t i = 0; i < table->root->n; i++) {
		const struct node *row = table->root->items[i];

		assert_non_null(node_get_text(row, "linuxkit"));
		assert_true(node_get_text(row, "ours") || node_get_text(row, "note"));
		left_out += node_get(row, "left-out") != NULL;
	}
	assert_true(left_out >= 4);
}

static void test_names_of_linuxkit(ATTR_UNUSED void **state)
{
	static const char *const names[] = {"linuxkit/init", "linuxkit/init:v1.2",
		"docker.io/linuxkit/init:abc",
		("linuxkit/init:a@sha256:"
		 "0000000000000000000000000000000000000000000000000000000000000000")};
	static const char *const others[] = {"init", "other/init", "linuxkit/init/more",
		"example.test/linuxkit/init", "linuxkit/", "@pkg:init", ""};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		CLEANUP(free) char *name = NULL;

		assert_true(replacement_linuxkit_name(names[i], &name));
		assert_string_equal(name, "init");
	}
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		CLEANUP(free) char *name = NULL;

		assert_false(replacement_linuxkit_name(others[i], &name));
	}
}

static void test_images_become_components(ATTR_UNUSED void **state)
{
	CLEANUP(config)
	struct config *c =
		replaced("kernel: {image: 'linuxkit/kernel:6.6', cmdline: x, ucode: intel.cpio}\n"
			 "init: [linuxkit/init:a, linuxkit/runc:b, linuxkit/containerd:c]\n"
			 "onboot: [{name: f, image: linuxkit/nothing}]\n"
			 "services: [{name: log, image: linuxkit/logwrite}, {name: w, image: web,\n"
			 "  wherry: {after: [log]}}]\n");

	assert_string_equal(c->kernel.image, "made/kernel");
	assert_string_equal(c->kernel.cmdline, "x");
	assert_null(c->kernel.ucode);
	assert_int_equal(c->init.n, 2);
	assert_string_equal(c->init.images[1], "made/crun");
	assert_int_equal(c->n_containers, 2);
	assert_string_equal(c->containers[0].image, "linuxkit/nothing");
	assert_int_equal(c->n_replaced, 5);
	assert_string_equal(c->replaced[1].image, "linuxkit/init:a");
	assert_string_equal(c->replaced[1].component, "@pkg:init");
	assert_null(c->replaced[3].component);
	assert_string_equal(c->replaced[3].image, "linuxkit/containerd:c");
	assert_true(*c->replaced[3].why != '\0');
}

static const struct node *entry_key(const char *keys, const char *key, struct config **ret)
{
	CLEANUP(free)
	char *text = str_printf("services:\n  - name: a\n    image: linuxkit/%s\n", keys);

	*ret = replaced(text);
	return node_get((*ret)->containers[0].node, key);
}

/* An entry without a command runs what LinuxKit's image does. */
static void test_commands(ATTR_UNUSED void **state)
{
	static const struct {
		const char *keys, *command;
	} entries[] = {
		{"dhcpcd", "[\"/sbin/dhcpcd\",\"--nobackground\",\"-f\",\"/dhcpcd.conf\"]"},
		{"dhcpcd\n    command: []",
			"[\"/sbin/dhcpcd\",\"--nobackground\",\"-f\",\"/dhcpcd.conf\"]"},
		{"dhcpcd\n    command: [/sbin/dhcpcd, '-1']", "[\"/sbin/dhcpcd\",\"-1\"]"},
		{"rngd", "-"},
		{"modprobe\n    command: [modprobe, -a, x]", "[\"modprobe\",\"-a\",\"x\"]"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(entries); i++) {
		CLEANUP(config) struct config *c = NULL;

		assert_json(entry_key(entries[i].keys, "command", &c), entries[i].command);
	}
}

/* What LinuxKit's image needs is not what ours needs: the label's binds stay. */
static void test_binds_are_added(ATTR_UNUSED void **state)
{
	CLEANUP(config) struct config *c = NULL;
	CLEANUP(config) struct config *both = NULL;

	assert_json(entry_key("sshd\n    binds: ['/a:/a']", "binds.add", &c), "[\"/a:/a\"]");
	assert_null(node_get(c->containers[0].node, "binds"));
	assert_json(entry_key("sshd\n    binds: ['/a:/a']\n    binds.add: ['/b:/b']", "binds.add",
			    &both),
		"[\"/a:/a\",\"/b:/b\"]");
}

/* By a merge key two entries have the same nodes. */
static void test_merged_entries_are_not_confused(ATTR_UNUSED void **state)
{
	CLEANUP(config)
	struct config *c = replaced("services:\n"
				    "  - &a {name: a, image: linuxkit/sshd, binds: ['/a:/a']}\n"
				    "  - {<<: *a, name: b, image: web}\n");

	assert_json(node_get(c->containers[0].node, "binds"), "-");
	assert_json(node_get(c->containers[1].node, "binds"), "[\"/a:/a\"]");
}

/* An image that two entries have by an anchor is one node. */
static void test_an_image_by_an_alias(ATTR_UNUSED void **state)
{
	CLEANUP(config)
	struct config *c =
		replaced("services:\n"
			 "  - {name: a, image: &i linuxkit/dhcpcd, command: [/sbin/dhcpcd]}\n"
			 "  - {name: b, image: *i}\n"
			 "  - {name: c, image: '@pkg:dhcpcd'}\n");

	assert_string_equal(c->containers[1].image, "made/dhcpcd");
	assert_int_equal(c->n_replaced, 1);
	assert_json(node_get(c->containers[1].node, "command"),
		"[\"/sbin/dhcpcd\",\"--nobackground\",\"-f\",\"/dhcpcd.conf\"]");
	assert_null(node_get(c->containers[2].node, "command"));
}

static void test_what_cannot_be_done_is_a_mistake(ATTR_UNUSED void **state)
{
	struct config_options o = {.find_packages = find_packages, .components = "wherry"};

	assert_mistake("services:\n  - name: a\n    image: linuxkit/modprobe\n"
		       "    command: [sh, -c, modprobe x]\n",
		&o, "os.yml:4:15",
		"@pkg:modprobe, which replaces linuxkit/modprobe, can't run 'sh'");
	assert_mistake("services:\n  - name: a\n    image: linuxkit/binfmt\n"
		       "    command: [/usr/bin/binfmt, -dir=/x]\n",
		&o, "os.yml:4:32",
		"@pkg:binfmt, which replaces linuxkit/binfmt, has no option '-dir=/x'");
	assert_mistake("init: [linuxkit/init]\nservices:\n  - name: a\n    image: b\n"
		       "    binds: ['/usr/bin/ctr:/usr/bin/ctr']\n",
		&o, "os.yml:5:13",
		"with `components: wherry` the OS has no /usr/bin/ctr: containerd and runc are "
		"replaced");
	o.compat = true;
	o.components = NULL;
	assert_mistake("components: wherry", &o, "os.yml:1:13",
		"images of LinuxKit's are not replaced with --compat");
}

static void test_nothing_is_replaced_unless_it_is_said(ATTR_UNUSED void **state)
{
	static const struct {
		const char *key, *option;
		bool replaced;
	} cases[] = {{"", NULL, false}, {"components: none\n", NULL, false},
		{"components: wherry\n", NULL, true}, {"components: wherry\n", "none", false},
		{"components: none\n", "wherry", true}};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(free) char *text = str_printf("%sinit: [linuxkit/init:a]", cases[i].key);
		struct config_options o = {
			.find_packages = find_packages, .components = cases[i].option};
		CLEANUP(config) struct config *c = NULL;
		struct werr *err = NULL;

		assert_ok(load("os.yml", text, &o, &c, &err), err);
		assert_string_equal(
			c->init.images[0], cases[i].replaced ? "made/init" : "linuxkit/init:a");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_table_has_what_it_needs),
		cmocka_unit_test(test_names_of_linuxkit),
		cmocka_unit_test(test_images_become_components),
		cmocka_unit_test(test_commands),
		cmocka_unit_test(test_binds_are_added),
		cmocka_unit_test(test_merged_entries_are_not_confused),
		cmocka_unit_test(test_an_image_by_an_alias),
		cmocka_unit_test(test_what_cannot_be_done_is_a_mistake),
		cmocka_unit_test(test_nothing_is_replaced_unless_it_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
