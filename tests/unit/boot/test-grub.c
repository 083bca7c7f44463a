/* SPDX-License-Identifier: Apache-2.0 */
/* Which bytes of GRUB's files are changed, and what is refused. */
#include "check.h"

#include <string.h>

#include "base/endian.h"
#include "boot/grub.h"

enum { SECTOR = 512, CORE_SIZE = 3 * SECTOR + 100 };

struct files {
	unsigned char boot[GRUB_BOOT_CODE], core[CORE_SIZE];
};

/* With all that our code looks at where grub-mkimage has it; other bytes are 0x11. */
static void make(struct files *f)
{
	memset(f, 0x11, sizeof(*f));
	memcpy(f->boot, "\xeb\x63\x90", 3);
	memset(f->boot + 0x5c, 0, 8);
	f->boot[0x5c] = 1;
	memcpy(f->boot + 0x64, "\xff\xfa\xeb\x05\xf6\xc2\x80", 7);
	memset(f->core + 0x1e8, 0, 12);
	le64_put(f->core + 0x1f4, 2);
	le16_put(f->core + 0x1fc, 3);
	le16_put(f->core + 0x1fe, 0x820);
}

static int install(struct files *f, uint64_t at, struct werr **err)
{
	return grub_install(f->boot, sizeof(f->boot), f->core, sizeof(f->core), at, err);
}

static void test_to_the_byte(ATTR_UNUSED void **state)
{
	struct files f, expected;
	struct werr *err = NULL;

	make(&f);
	make(&expected);
	le64_put(expected.boot + 0x5c, 2048);
	memcpy(expected.boot + 0x66, "\x90\x90", 2);
	le64_put(expected.core + 0x1f4, 2049);
	assert_ok(install(&f, 1 << 20, &err), err);
	assert_memory_equal(&f, &expected, sizeof(f));
}

static void test_beyond_32_bits(ATTR_UNUSED void **state)
{
	struct werr *err = NULL;
	struct files f;

	make(&f);
	assert_ok(install(&f, (uint64_t)0x1ffffffff * SECTOR, &err), err);
	assert_int_equal(le64_get(f.boot + 0x5c), 0x1ffffffff);
	assert_int_equal(le64_get(f.core + 0x1f4), 0x200000000);
	assert_int_equal(le16_get(f.core + 0x1fc), 3);
}

static void test_places_that_cannot_be(ATTR_UNUSED void **state)
{
	struct werr *err = NULL;
	struct files f;

	make(&f);
	assert_fails(install(&f, 0, &err), err, WERR_LIMIT, "byte 0");
	assert_fails(install(&f, SECTOR + 1, &err), err, WERR_LIMIT, "byte 513");
}

static void test_other_boot_code(ATTR_UNUSED void **state)
{
	static const size_t places[] = {0, 0x64, 0x66, 0x67};
	struct werr *err = NULL;
	struct files f;

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		make(&f);
		f.boot[places[i]] ^= 1;
		assert_fails(install(&f, 1 << 20, &err), err, WERR_CORRUPT, "boot code");
	}
	make(&f);
	assert_fails(grub_install(f.boot, 439, f.core, sizeof(f.core), 1 << 20, &err), err,
		WERR_CORRUPT, "boot code");
}

static void test_other_cores(ATTR_UNUSED void **state)
{
	/* A second entry of the list, another length, another place in memory. */
	static const size_t places[] = {0x1f0, 0x1fc, 0x1fe};
	static const size_t sizes[] = {0, 1, 0x1ff, SECTOR, SECTOR + 1, 3 * SECTOR, 4 * SECTOR + 1};
	static unsigned char large[GRUB_CORE_MAX + 1];
	struct werr *err = NULL;
	struct files f;

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		make(&f);
		f.core[places[i]] ^= 1;
		assert_fails(install(&f, 1 << 20, &err), err, WERR_CORRUPT, "a core");
	}
	make(&f);
	memcpy(large, f.core, sizeof(f.core));
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		assert_fails(grub_install(f.boot, sizeof(f.boot), large, sizes[i], 1 << 20, &err),
			err, WERR_CORRUPT, "a core");
	assert_fails(grub_install(f.boot, sizeof(f.boot), large, sizeof(large), 1 << 20, &err), err,
		WERR_LIMIT, "at most 480 KiB");
	assert_ok(grub_install(f.boot, sizeof(f.boot), large, 4 * SECTOR, 1 << 20, &err), err);
}

/* cdboot.img precedes the core. */
static void test_a_cd(ATTR_UNUSED void **state)
{
	unsigned char image[2048 + CORE_SIZE], expected[sizeof(image)], *core = image;
	unsigned char boot[GRUB_BOOT_CODE] = {0xeb, 0x63, [0x64] = 0xff, [0x1b0] = 1};
	struct werr *err = NULL;
	struct files f;

	make(&f);
	memset(image, 0x11, 2048);
	memcpy(image + 2048, f.core, CORE_SIZE);
	memcpy(expected, image, sizeof(image));
	assert_ok(grub_install_cd(boot, GRUB_BOOT_CODE, core, 2048 + CORE_SIZE, 2048 * 100, &err),
		err);
	assert_int_equal(le64_get(boot + 0x1b0), 404);
	le64_put(expected + 2048 + 0x1f4, 405);
	assert_memory_equal(image, expected, sizeof(image));
	le64_put(boot + 0x1b0, 1);
	assert_fails(grub_install_cd(boot, GRUB_BOOT_CODE, core, 2048 + CORE_SIZE, 512, &err), err,
		WERR_LIMIT, "can't be at byte 512");
	assert_fails(grub_install_cd(boot, GRUB_BOOT_CODE, core, 2048, 2048, &err), err,
		WERR_CORRUPT, "not GRUB for a CD");
	le64_put(boot + 0x1b0, 2);
	assert_fails(grub_install_cd(boot, GRUB_BOOT_CODE, core, 2048 + CORE_SIZE, 2048, &err), err,
		WERR_CORRUPT, "boot code for a CD");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_cd),
		cmocka_unit_test(test_to_the_byte),
		cmocka_unit_test(test_beyond_32_bits),
		cmocka_unit_test(test_places_that_cannot_be),
		cmocka_unit_test(test_other_boot_code),
		cmocka_unit_test(test_other_cores),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
