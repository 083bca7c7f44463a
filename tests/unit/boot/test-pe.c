/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "base/mem.h"
#include "boot/pe.h"
#include "stub.h"

static void test_headers_are_read(ATTR_UNUSED void **state)
{
	unsigned char stub[STUB_SIZE];
	struct werr *err = NULL;
	struct pe pe;

	stub_make(stub, 0x1000, 0x14df90000);
	assert_ok(pe_parse(stub, STUB_HEADERS, &pe, &err), err);
	assert_ok(pe_check(&pe, STUB_SIZE, &err), err);
	assert_int_equal(pe.machine, STUB_MACHINE);
	assert_int_equal(pe.subsystem, 10);
	assert_int_equal(pe.section_align, 0x1000);
	assert_int_equal(pe.file_align, 0x200);
	assert_int_equal(pe.headers, STUB_HEADERS);
	assert_int_equal(pe.n, 2);
	assert_int_equal(pe.sections_end, STUB_SECTIONS + 80);
	assert_int_equal(pe_find(&pe, ".sbat")->rva, 0x2000);
	assert_int_equal(pe_find(&pe, ".sbat")->at, 0x600);
	assert_null(pe_find(&pe, ".sba"));
}

/* A number of the headers that is wrong. */
static const struct {
	size_t at;
	unsigned size;
	uint32_t value;
	const char *message;
} wrong[] = {
	{0, 2, 0, "no program for UEFI"},
	{0x3c, 4, STUB_SIZE, "no program for UEFI"},
	{0x3c, 4, UINT32_MAX, "no program for UEFI"},
	{STUB_PE, 2, 0, "no program for UEFI"},
	{STUB_FILE + 2, 2, 97, "97 sections"},
	{STUB_FILE + 2, 2, 90, "cut short"},
	{STUB_FILE + 16, 2, 0xffff, "cut short"},
	{STUB_FILE + 16, 2, 151, "no 64-bit program"},
	{STUB_OPTIONAL, 2, 0x10b, "no 64-bit program"},
	{STUB_OPTIONAL + 108, 4, 4, "no 64-bit program"},
	{STUB_OPTIONAL + 32, 4, 0, "aligned to 0 and"},
	{STUB_OPTIONAL + 36, 4, 513, "and 513 bytes"},
	{STUB_OPTIONAL + 36, 4, 1 << 17, "and 131072 bytes"},
	{STUB_OPTIONAL + 60, 4, STUB_SIZE + 0x200, "its headers have"},
	{STUB_OPTIONAL + 60, 4, 0x3ff, "its headers have"},
	{STUB_OPTIONAL + 60, 4, 0, "its headers have"},
	{STUB_SECTIONS + 20, 4, 0x200, ".text is not where it should be"},
	{STUB_SECTIONS + 20, 4, 0x600, ".text is not where it should be"},
	{STUB_SECTIONS + 16, 4, 0x1ff, ".text is not where it should be"},
	{STUB_SECTIONS + 60, 4, UINT32_MAX, ".sbat is not where it should be"},
	{STUB_SECTIONS + 60, 4, 0x800, ".sbat is not where it should be"},
	{STUB_SECTIONS + 56, 4, 0x201, ".sbat is not where it should be"},
	{STUB_SECTIONS + 12, 4, 0x3ff, ".text overlaps"},
	{STUB_SECTIONS + 52, 4, 0x11ef, ".sbat overlaps"},
	{STUB_SECTIONS + 8, 4, UINT32_MAX, ".sbat overlaps"},
};

static void test_headers_that_are_wrong_are_refused(ATTR_UNUSED void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		unsigned char stub[STUB_SIZE];
		struct werr *err = NULL;
		struct pe pe;
		int r;

		stub_make(stub, 0x1000, 0);
		if (wrong[i].size == 2)
			le16_put(stub + wrong[i].at, (uint16_t)wrong[i].value);
		else
			le32_put(stub + wrong[i].at, wrong[i].value);
		r = pe_parse(stub, STUB_SIZE, &pe, &err);
		if (r == 0)
			r = pe_check(&pe, STUB_SIZE, &err);
		assert_fails(r, err, WERR_INVALID, wrong[i].message);
	}
}

static void test_headers_that_are_cut_short_are_refused(ATTR_UNUSED void **state)
{
	unsigned char stub[STUB_SIZE];
	struct pe pe;

	stub_make(stub, 0x1000, 0);
	for (size_t size = 0; size < STUB_SECTIONS + 80; size++) {
		CLEANUP(free) void *exact = mem_dup(stub, size);

		assert_true(pe_parse(exact, size, &pe, NULL) < 0);
	}
	assert_int_equal(pe_parse(stub, STUB_SECTIONS + 80, &pe, NULL), 0);
}

/* objcopy leaves it so: the padding of the last section is missing. */
static void test_the_last_section_may_lack_its_padding(ATTR_UNUSED void **state)
{
	unsigned char stub[STUB_SIZE];
	struct werr *err = NULL;
	struct pe pe;

	stub_make(stub, 0x1000, 0);
	stub_put_section(stub, 1, ".sbat", 0x20, 0x2000, 0x20, 0x600);
	assert_ok(pe_parse(stub, 0x620, &pe, &err), err);
	assert_ok(pe_check(&pe, 0x620, &err), err);
	assert_fails(pe_check(&pe, 0x61f, &err), err, WERR_INVALID, "not where it should be");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_headers_are_read),
		cmocka_unit_test(test_headers_that_are_wrong_are_refused),
		cmocka_unit_test(test_headers_that_are_cut_short_are_refused),
		cmocka_unit_test(test_the_last_section_may_lack_its_padding),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
