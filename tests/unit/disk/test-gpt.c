/* SPDX-License-Identifier: Apache-2.0 */
/* Where partitions are put, and what is refused; test-gpt-peers.py compares tables with others'. */
#include "check.h"

#include <string.h>

#include "base/endian.h"
#include "base/mem.h"
#include "disk/gpt.h"

enum { MIB = 1 << 20, UNIT = 64 << 10 };

static void test_guids(ATTR_UNUSED void **state)
{
	unsigned char mixed[GUID_SIZE];
	char text[GUID_TEXT];
	struct guid again;

	guid_text(&gpt_type_esp, text);
	assert_string_equal(text, "c12a7328-f81f-11d2-ba4b-00a0c93ec93b");
	guid_text(&gpt_type_linux, text);
	assert_string_equal(text, "0fc63daf-8483-4772-8e79-3d69d8477de4");
	/* GRUB's is a text. */
	guid_put_mixed(mixed, &gpt_type_bios_boot);
	assert_memory_equal(mixed, "Hah!IdontNeedEFI", GUID_SIZE);
	guid_get_mixed(mixed, &again);
	assert_true(guid_eq(&again, &gpt_type_bios_boot));
	assert_false(guid_is_zero(&again));
	assert_true(guid_is_zero(&(struct guid){{0}}));
}

static void test_places(ATTR_UNUSED void **state)
{
	struct gpt_partition p[] = {{.size = 512}, {.size = 3 * MIB}, {.size = MIB + 512}};
	struct werr *err = NULL;
	uint64_t size = 0;

	assert_ok(gpt_place(p, 3, &size, &err), err);
	assert_int_equal(p[0].at, MIB);
	assert_int_equal(p[1].at, 2 * MIB);
	assert_int_equal(p[2].at, 5 * MIB);
	assert_int_equal(size, 6 * MIB + UNIT);
	assert_ok(gpt_place(p, 0, &size, &err), err);
	assert_int_equal(size, MIB + UNIT);
	/* The backup table has its place, too. */
	p[0].size = MIB - 33 * 512;
	assert_ok(gpt_place(p, 1, &size, &err), err);
	assert_int_equal(size, 2 * MIB);
	p[0].size += 512;
	assert_ok(gpt_place(p, 1, &size, &err), err);
	assert_int_equal(size, 2 * MIB + UNIT);
	p[1].size = (uint64_t)INT64_MAX / 512 * 512;
	assert_fails(gpt_place(p, 3, &size, &err), err, WERR_LIMIT, "partitions of 922337");
}

static void test_tables(ATTR_UNUSED void **state)
{
	static const char code[] = "\xeb\xfe";
	struct gpt_partition p = {.type = gpt_type_esp,
		.id = {{1, 2, 3, 4}},
		.name = "\xc3\xa4\xf0\x9f\x98\x80",
		.attributes = 4,
		.size = MIB,
		.at = MIB};
	const struct gpt g = {.partitions = &p,
		.n = 1,
		.boot_code = code,
		.boot_code_size = 2,
		.is_active = true};
	CLEANUP(extents) struct extents disk = {.size = 3 * MIB};
	struct werr *err = NULL;
	const unsigned char *head;

	assert_ok(gpt_put(&g, &disk, &err), err);
	assert_int_equal(disk.n, 3);
	head = disk.items[0].bytes;
	/* Nothing is written behind the last entry. */
	assert_int_equal(disk.items[0].size, 1024 + 128);
	assert_int_equal(disk.items[1].at, 3 * MIB - 33 * 512);
	assert_int_equal(disk.items[1].size, 128);
	assert_int_equal(disk.items[2].at, 3 * MIB - 512);
	assert_memory_equal(head, code, 2);
	assert_memory_equal(head + 446, "\x80\0\2\0\xee\xff\xff\xff\1\0\0\0\xff\x17\0\0", 16);
	assert_memory_equal(head + 510,
		"\x55\xaa"
		"EFI PART\0\0\1\0\x5c\0\0\0",
		18);
	assert_memory_equal(head + 1024 + 16, "\4\3\2\1", 4);
	assert_int_equal(le64_get(head + 1024 + 32), 2048);
	assert_int_equal(le64_get(head + 1024 + 40), 4095);
	assert_int_equal(le64_get(head + 1024 + 48), 4);
	assert_memory_equal(head + 1024 + 56, "\xe4\0\x3d\xd8\0\xde\0", 7);
}

static void test_what_is_refused(ATTR_UNUSED void **state)
{
	static const char long_name[] = "0123456789012345678901234567890123456";
	static const unsigned char code[441];
	static const struct {
		struct gpt_partition a, b;
		uint64_t size;
		enum werr_kind kind;
		const char *part;
	} bad[] = {
		{{.size = MIB, .at = MIB}, {.size = MIB, .at = 2 * MIB}, 3 * MIB, WERR_LIMIT,
			"a disk of 3145728 bytes: its partitions need 3162624"},
		{{.size = MIB, .at = MIB}, {.size = MIB, .at = 2 * MIB}, 4 * MIB + 1, WERR_LIMIT,
			"a disk of 4194305 bytes"},
		{{.size = MIB, .at = MIB}, {.size = MIB, .at = MIB}, 4 * MIB, WERR_LIMIT,
			"can't be at 1048576"},
		{{.size = MIB, .at = 33 * 512}, {.size = MIB, .at = 2 * MIB}, 4 * MIB, WERR_LIMIT,
			"can't be at 16896"},
		{{.size = 0, .at = MIB}, {.size = MIB, .at = 2 * MIB}, 4 * MIB, WERR_LIMIT,
			"of 0 bytes"},
		{{.size = 100, .at = MIB}, {.size = MIB, .at = 2 * MIB}, 4 * MIB, WERR_LIMIT,
			"of 100 bytes"},
		{{.size = 512, .at = MIB}, {.size = UINT64_MAX / 512 * 512, .at = 2 * MIB}, 4 * MIB,
			WERR_LIMIT, "can't be at 2097152"},
		{{.size = MIB, .at = MIB, .name = long_name}, {.size = MIB, .at = 2 * MIB}, 4 * MIB,
			WERR_INVALID, "can't be called '012345"},
		{{.size = MIB, .at = MIB, .name = "\xff"}, {.size = MIB, .at = 2 * MIB}, 4 * MIB,
			WERR_INVALID, "can't be called"},
	};
	static struct gpt_partition many[129];
	CLEANUP(extents) struct extents disk = {.size = 4 * MIB};
	struct werr *err = NULL;
	struct gpt g = {.partitions = many, .n = 129};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		const struct gpt_partition p[] = {bad[i].a, bad[i].b};
		CLEANUP(extents) struct extents d = {.size = bad[i].size};

		assert_fails(gpt_put(&(struct gpt){.partitions = p, .n = 2}, &d, &err), err,
			bad[i].kind, bad[i].part);
		assert_int_equal(d.n, 0);
	}
	assert_fails(gpt_put(&g, &disk, &err), err, WERR_LIMIT, "129 partitions");
	g = (struct gpt){.boot_code = code, .boot_code_size = sizeof(code)};
	assert_fails(gpt_put(&g, &disk, &err), err, WERR_LIMIT, "boot code of 441 bytes");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_guids),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_tables),
		cmocka_unit_test(test_what_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
