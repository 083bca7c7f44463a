/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "kmod/modules.h"

static const char dep[] = "kernel/drivers/net/virtio_net.ko: kernel/net/core/failover.ko "
			  "kernel/drivers/virtio/virtio.ko\n"
			  "kernel/drivers/virtio/virtio.ko:\n"
			  "kernel/net/core/failover.ko: kernel/drivers/virtio/virtio.ko\n"
			  "kernel/fs/a-b.ko.xz:\n";
static const char alias[] = "# Aliases extracted from modules themselves.\n"
			    "alias virtio:d00000001v* virtio_net\n"
			    "alias virtio:d0000000[12]v* either\n"
			    "alias pci:v00001AF4d*sv*sd*bc*sc*i* virtio_pci\n"
			    "alias fs-overlay overlay\n"
			    "alias cut-off\n"
			    "softdep a b\n"
			    "alias * everything";

static struct module_index *index_new(void)
{
	return module_index_new(str_dup(dep), str_dup(alias), str_dup("kernel/fs/ext4/ext4.ko\n"));
}

static void check_order(const char *name, const char *expected)
{
	CLEANUP(module_index) struct module_index *index = index_new();
	CLEANUP(strv) struct strv files = {0};
	CLEANUP(free) char *all = NULL;
	struct werr *err = NULL;

	assert_ok(module_index_order(index, name, &files, &err), err);
	all = strv_join(&files, " ");
	assert_string_equal(all, expected);
}

static void test_needs_come_first(ATTR_UNUSED void **state)
{
	check_order("virtio_net", "kernel/drivers/virtio/virtio.ko kernel/net/core/failover.ko "
				  "kernel/drivers/net/virtio_net.ko");
	check_order("virtio-net", "kernel/drivers/virtio/virtio.ko kernel/net/core/failover.ko "
				  "kernel/drivers/net/virtio_net.ko");
	check_order("virtio", "kernel/drivers/virtio/virtio.ko");
	check_order("a_b", "kernel/fs/a-b.ko.xz");
}

static void test_built_in_needs_nothing(ATTR_UNUSED void **state)
{
	check_order("ext4", "");
}

static void test_unknown_module(ATTR_UNUSED void **state)
{
	CLEANUP(module_index) struct module_index *index = index_new();
	CLEANUP(strv) struct strv files = {0};
	struct werr *err = NULL;

	assert_fails(module_index_order(index, "virtio_ne", &files, &err), err, WERR_NOT_FOUND,
		"no kernel module virtio_ne");
}

static void check_match(const char *one, const char *two, const char *expected)
{
	CLEANUP(module_index) struct module_index *index = index_new();
	CLEANUP(strv) struct strv aliases = {0}, names = {0};
	CLEANUP(free) char *all = NULL;

	strv_add(&aliases, one);
	if (two)
		strv_add(&aliases, two);
	strv_sort(&aliases);
	module_index_match(index, &aliases, &names);
	all = strv_join(&names, " ");
	assert_string_equal(all, expected);
}

static void test_devices_find_their_modules(ATTR_UNUSED void **state)
{
	check_match("pci:v00001AF4d00001041sv00001AF4sd00001100bc02sc00i00", NULL,
		"virtio_pci everything");
	check_match("virtio:d00000001v00001AF4", "pci:v00008086d000029C0sv0sd0bc06sc00i00",
		"virtio_net either everything");
	check_match("fs-overlay", NULL, "overlay everything");
	check_match("fs-overlayx", NULL, "everything");
}

static void test_no_files_at_all(ATTR_UNUSED void **state)
{
	CLEANUP(module_index) struct module_index *index = module_index_new(NULL, NULL, NULL);
	CLEANUP(strv) struct strv aliases = {0}, names = {0};
	struct werr *err = NULL;

	assert_true(module_index_is_empty(index));
	module_index_match(index, &aliases, &names);
	assert_int_equal(names.n, 0);
	assert_fails(module_index_order(index, "x", &names, &err), err, WERR_NOT_FOUND, "x");
}

static void test_all_is_built_in(ATTR_UNUSED void **state)
{
	CLEANUP(module_index)
	struct module_index *index =
		module_index_new(str_dup(""), NULL, str_dup("kernel/fs/ext4/ext4.ko\n"));
	CLEANUP(module_index) struct module_index *other = index_new();
	CLEANUP(strv) struct strv files = {0};

	assert_true(module_index_is_empty(index));
	assert_int_equal(module_index_order(index, "ext4", &files, NULL), 0);
	assert_int_equal(files.n, 0);
	assert_false(module_index_is_empty(other));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_needs_come_first),
		cmocka_unit_test(test_built_in_needs_nothing),
		cmocka_unit_test(test_unknown_module),
		cmocka_unit_test(test_devices_find_their_modules),
		cmocka_unit_test(test_no_files_at_all),
		cmocka_unit_test(test_all_is_built_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
