/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "kmod/modules.h"
#include "output/initrd-modules.h"

static const char dep[] = "kernel/drivers/block/virtio_blk.ko.xz: kernel/drivers/virtio/virtio.ko "
			  "kernel/drivers/virtio/virtio_ring.ko\n"
			  "kernel/drivers/block/xen-blkfront.ko:\n"
			  "kernel/drivers/net/e1000.ko: kernel/net/core/failover.ko\n"
			  "kernel/drivers/virtio/virtio.ko: kernel/drivers/virtio/virtio_ring.ko\n"
			  "kernel/drivers/virtio/virtio_ring.ko:\n"
			  "kernel/fs/erofs/erofs.ko: kernel/lib/libcrc32c.ko\n"
			  "kernel/fs/ext4/ext4.ko:\n"
			  "kernel/lib/libcrc32c.ko:\n"
			  "kernel/crypto/crc32c-generic.ko:\n"
			  "kernel/crypto/early.ko:\n"
			  "no colon\n";
static const char alias[] = "# Aliases extracted from modules themselves.\n"
			    "alias virtio:d00000002v* virtio_blk\n"
			    "alias pci:v00008086d* e1000\n"
			    "alias xen:vbd xen_blkfront\n"
			    "alias crypto-crc32c crc32c_generic\n"
			    "alias crypto-crc32c-generic crc32c-generic\n"
			    "alias cut-off\n"
			    "alias fs-erofs erofs";
static const char softdep[] = "# Soft dependencies extracted from modules themselves.\n"
			      "softdep libcrc32c pre: crypto-crc32c\n"
			      "softdep crc32c_generic pre: early post: missing\n"
			      "softdep ext4 pre: e1000\n"
			      "softdep\n"
			      "softdep  xen-blkfront  \n";

static void test_what_finds_a_disk_and_all_that_it_needs(ATTR_UNUSED void **state)
{
	CLEANUP(initrd_modules) struct initrd_modules m = {0};
	CLEANUP(free) char *files = NULL;
	struct werr *err = NULL;

	assert_ok(initrd_modules_choose(dep, alias, softdep, &m, &err), err);
	files = strv_join(&m.files, " ");
	assert_string_equal(files,
		"kernel/crypto/crc32c-generic.ko kernel/crypto/early.ko "
		"kernel/drivers/block/virtio_blk.ko.xz kernel/drivers/block/xen-blkfront.ko "
		"kernel/drivers/virtio/virtio.ko kernel/drivers/virtio/virtio_ring.ko "
		"kernel/fs/erofs/erofs.ko kernel/lib/libcrc32c.ko");
	assert_string_equal(m.alias, "alias virtio:d00000002v* virtio_blk\n"
				     "alias xen:vbd xen_blkfront\n"
				     "alias crypto-crc32c crc32c_generic\n"
				     "alias crypto-crc32c-generic crc32c-generic\n"
				     "alias fs-erofs erofs\n");
	assert_null(strstr(m.dep, "e1000"));
	assert_null(strstr(m.dep, "ext4"));
	assert_null(strstr(m.dep, "no colon"));
	assert_non_null(strstr(m.dep,
		"kernel/drivers/block/virtio_blk.ko.xz: kernel/drivers/virtio/virtio.ko "
		"kernel/drivers/virtio/virtio_ring.ko\n"));
}

/* PID 1 reads with the same index, so that it finds what it loads. */
static void test_the_indexes_can_be_loaded_by(ATTR_UNUSED void **state)
{
	CLEANUP(initrd_modules) struct initrd_modules m = {0};
	CLEANUP(module_index) struct module_index *index = NULL;
	CLEANUP(strv) struct strv aliases = {0}, names = {0}, files = {0};
	CLEANUP(free) char *all = NULL;
	struct werr *err = NULL;

	assert_ok(initrd_modules_choose(dep, alias, softdep, &m, &err), err);
	index = module_index_new(str_dup(m.dep), str_dup(m.alias), NULL);
	strv_add(&aliases, "virtio:d00000002v00001AF4");
	module_index_match(index, &aliases, &names);
	assert_int_equal(names.n, 1);
	assert_ok(module_index_order(index, names.items[0], &files, &err), err);
	all = strv_join(&files, " ");
	assert_string_equal(all,
		"kernel/drivers/virtio/virtio_ring.ko kernel/drivers/virtio/virtio.ko "
		"kernel/drivers/block/virtio_blk.ko.xz");
}

static void test_a_kernel_without_any_of_them(ATTR_UNUSED void **state)
{
	CLEANUP(initrd_modules) struct initrd_modules m = {0};
	struct werr *err = NULL;

	assert_ok(initrd_modules_choose("", "", "", &m, &err), err);
	assert_int_equal(m.files.n, 0);
	assert_string_equal(m.dep, "");
	assert_string_equal(m.alias, "");
}

static void check_limit(const char *d, const char *a, const char *s)
{
	CLEANUP(initrd_modules) struct initrd_modules m = {0};
	struct werr *err = NULL;

	assert_int_equal(initrd_modules_choose(d, a, s, &m, &err), werr_code(WERR_LIMIT));
	assert_null(m.dep);
	werr_free(err);
}

static void test_hostile_indexes_end_with_an_error(ATTR_UNUSED void **state)
{
	CLEANUP(buf) struct buf line = BUF_INIT(1 << 20), words = BUF_INIT(1 << 20);
	CLEANUP(buf) struct buf names = BUF_INIT(1 << 20);

	buf_puts(&line, "squashfs.ko:");
	buf_puts(&words, "softdep squashfs pre:");
	for (unsigned i = 0; i <= MODULE_NEEDS_MAX; i++)
		buf_printf(&line, " m%u.ko", i);
	check_limit(buf_str(&line), "", "");
	for (unsigned i = 0; i <= INITRD_MODULES_MAX; i++) {
		buf_printf(&words, " alias-%u", i);
		buf_printf(&names, "alias any m%u\n", i);
	}
	check_limit("squashfs.ko:", "", buf_str(&words));
	check_limit("squashfs.ko:", buf_str(&names), "softdep squashfs pre: any");
}

static void test_a_circle_of_soft_dependencies_ends(ATTR_UNUSED void **state)
{
	CLEANUP(initrd_modules) struct initrd_modules m = {0};
	struct werr *err = NULL;

	assert_ok(initrd_modules_choose("squashfs.ko: erofs.ko\nerofs.ko: squashfs.ko\n",
			  "alias x y\nalias y x\n",
			  "softdep squashfs pre: erofs x\nsoftdep erofs pre: squashfs\n", &m, &err),
		err);
	assert_int_equal(m.files.n, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_finds_a_disk_and_all_that_it_needs),
		cmocka_unit_test(test_the_indexes_can_be_loaded_by),
		cmocka_unit_test(test_a_kernel_without_any_of_them),
		cmocka_unit_test(test_hostile_indexes_end_with_an_error),
		cmocka_unit_test(test_a_circle_of_soft_dependencies_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
