/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "base/mem.h"
#include "base/str.h"
#include "boot/efi-kernel.h"
#include "stub.h"

enum { KERNEL_SIZE = 3 << 20 };

static void put(struct extents *kernel, const void *bytes, size_t size)
{
	struct werr *err = NULL;

	kernel->size = size;
	assert_ok(extents_add_bytes(kernel, 0, bytes, size, &err), err);
}

static void test_what_uefi_can_start(ATTR_UNUSED void **state)
{
	CLEANUP(extents) struct extents kernel = {0};
	unsigned char stub[STUB_SIZE];
	struct werr *err = NULL;

	stub_make(stub, 0x1000, 0);
	put(&kernel, stub, sizeof(stub));
	assert_ok(efi_kernel_check(&kernel, STUB_MACHINE, &err), err);
	assert_fails(efi_kernel_check(&kernel, 0xaa64, &err), err, WERR_UNSUPPORTED,
		"another architecture");
}

static const struct {
	const char *bytes, *message, *hint;
} others[] = {
	{"\x1f\x8b\x08", "compressed by gzip", "build with --decompress-kernel"},
	{"\x7f"
	 "ELF\2\1",
		"unpacked (ELF)", "build without --decompress-kernel"},
	{"a kernel", "it is no program for UEFI", NULL},
	{"", "it is no program for UEFI", NULL},
};

static void test_what_it_can_not(ATTR_UNUSED void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		CLEANUP(extents) struct extents kernel = {0};
		struct werr *err = NULL;
		int r;

		put(&kernel, others[i].bytes, strlen(others[i].bytes));
		r = efi_kernel_check(&kernel, STUB_MACHINE, &err);
		assert_non_null(err);
		assert_true(
			str_eq(err->hint ? err->hint : "", others[i].hint ? others[i].hint : ""));
		assert_fails(r, err, WERR_UNSUPPORTED, others[i].message);
	}
}

/* x86's header says where a text begins. */
static void test_the_version_of_a_header(ATTR_UNUSED void **state)
{
	CLEANUP(free) unsigned char *bytes = mem_alloc(0x1000);
	CLEANUP(extents) struct extents kernel = {0};
	CLEANUP(free) char *version = NULL;
	struct werr *err = NULL;

	memcpy(bytes + 0x202, "HdrS", 4);
	le16_put(bytes + 0x20e, 0x300);
	memcpy(bytes + 0x500, "6.1.0-41-cloud-amd64 (x@y) #1", 30);
	put(&kernel, bytes, 0x1000);
	assert_ok(efi_kernel_version(&kernel, &version, &err), err);
	assert_string_equal(version, "6.1.0-41-cloud-amd64");
}

static char *version_at(unsigned char *bytes, size_t at, const char *text)
{
	CLEANUP(extents) struct extents kernel = {0};
	char *version = NULL;
	struct werr *err = NULL;

	memset(bytes, 0, KERNEL_SIZE);
	memcpy(bytes + at, text, strlen(text));
	put(&kernel, bytes, KERNEL_SIZE);
	assert_ok(efi_kernel_version(&kernel, &version, &err), err);
	return version;
}

static void test_the_version_in_a_text_wherever_it_is(ATTR_UNUSED void **state)
{
	static const char text[] = "Linux version 6.12.9-arm64 (a@b) (gcc) #1";
	CLEANUP(free) unsigned char *bytes = mem_alloc(KERNEL_SIZE);

	for (size_t at = (1 << 20) - 80; at < (1 << 20) + 4; at++) {
		CLEANUP(free) char *version = version_at(bytes, at, text);

		assert_string_equal(version, "6.12.9-arm64");
	}
}

static void test_a_kernel_may_not_say_its_version(ATTR_UNUSED void **state)
{
	CLEANUP(free) unsigned char *bytes = mem_alloc(KERNEL_SIZE);
	static const char *const texts[] = {"", "Linux version ", "Linux version %s (%s)",
		"Linux version 01234567890123456789012345678901234567890123456789012345678901234"};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		CLEANUP(free) char *version = version_at(bytes, 100, texts[i]);

		if (version)
			fail_msg("%s: %s", texts[i], version);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_uefi_can_start),
		cmocka_unit_test(test_what_it_can_not),
		cmocka_unit_test(test_the_version_of_a_header),
		cmocka_unit_test(test_the_version_in_a_text_wherever_it_is),
		cmocka_unit_test(test_a_kernel_may_not_say_its_version),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
