/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "base/endian.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "boot/efi-variables.h"

enum { STORE = 0x48, FIRST = STORE + 28, SIZE = 8192, STORE_BYTES = 6000 };

/* Of a size that is no multiple of 4; what is in it is not looked at. */
static const char certificate[801] = "a certificate";

/* A firmware volume with an empty store. */
static void make_volume(unsigned char p[static SIZE])
{
	static const unsigned char guid[] = {0x78, 0x2c, 0xf3, 0xaa, 0x7b, 0x94, 0x9a, 0x43, 0xa1,
		0x80, 0x2e, 0x14, 0x4e, 0xc3, 0x77, 0x92};

	memset(p, 0xff, SIZE);
	memset(p, 0, FIRST);
	memcpy(p + 40, "_FVH", 4);
	le16_put(p + 48, STORE);
	memcpy(p + STORE, guid, sizeof(guid));
	le32_put(p + STORE + 16, STORE_BYTES);
	p[STORE + 20] = 0x5a;
	p[STORE + 21] = 0xfe;
}

static const struct {
	const char *name;
	uint32_t attributes;
	unsigned char vendor; /* the first byte */
} variables[] = {
	{"PK", 0x27, 0x61},
	{"KEK", 0x27, 0x61},
	{"db", 0x27, 0xcb},
	{"SecureBootEnable", 3, 0xc7},
};

static void test_the_certificate_is_in_three_variables(ATTR_UNUSED void **state)
{
	unsigned char volume[SIZE];
	struct werr *err = NULL;
	size_t size = sizeof(certificate), at = FIRST;

	make_volume(volume);
	assert_ok(efi_variables_enroll(volume, SIZE, certificate, sizeof(certificate), &err), err);
	for (size_t i = 0; i < ARRAY_SIZE(variables); i++) {
		const unsigned char *p = volume + at;
		size_t name = 2 * (strlen(variables[i].name) + 1), value = le32_get(p + 40);

		assert_int_equal(le16_get(p), 0x55aa);
		assert_int_equal(p[2], 0x3f);
		assert_int_equal(le32_get(p + 4), variables[i].attributes);
		assert_int_equal(le32_get(p + 36), name);
		assert_int_equal(p[44], variables[i].vendor);
		for (size_t j = 0; j < name / 2; j++)
			assert_int_equal(le16_get(p + 60 + 2 * j), variables[i].name[j]);
		p += 60 + name;
		if (i < 3) {
			assert_int_equal(value, 44 + size);
			assert_int_equal(le32_get(p + 16), value);
			assert_int_equal(le32_get(p + 24), 16 + size);
			assert_memory_equal(p + 44, certificate, size);
		} else {
			assert_int_equal(value, 1);
			assert_int_equal(p[0], 1);
		}
		at = (at + 60 + name + value + 3) & ~(size_t)3;
	}
	assert_int_equal(volume[at], 0xff);
}

/* A byte of the volume that is wrong. */
static const struct {
	size_t at;
	unsigned char value;
	const char *message;
} wrong[] = {
	{40, 0, "no firmware volume"},
	{48, 0, "no store for Secure Boot"},
	{49, 0xff, "no store for Secure Boot"},
	{STORE, 0, "no store for Secure Boot"},
	{STORE + 18, 1, "broken"},
	{STORE + 20, 0, "broken"},
	{STORE + 21, 0, "broken"},
	{FIRST, 0xaa, "some already"},
};

static void test_another_file_is_refused(ATTR_UNUSED void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		unsigned char volume[SIZE];
		struct werr *err = NULL;

		make_volume(volume);
		volume[wrong[i].at] = wrong[i].value;
		assert_fails(
			efi_variables_enroll(volume, SIZE, certificate, sizeof(certificate), &err),
			err, WERR_INVALID, wrong[i].message);
	}
}

static void test_a_volume_that_is_cut_short_is_refused(ATTR_UNUSED void **state)
{
	unsigned char volume[SIZE];

	make_volume(volume);
	for (size_t size = 0; size < STORE + STORE_BYTES; size += 7) {
		CLEANUP(free) void *exact = mem_dup(volume, size);

		assert_true(efi_variables_enroll(
				    exact, size, certificate, sizeof(certificate), NULL) < 0);
	}
}

static void test_a_store_may_have_no_room(ATTR_UNUSED void **state)
{
	unsigned char volume[SIZE];
	struct werr *err = NULL;

	make_volume(volume);
	le32_put(volume + STORE + 16, 1000);
	assert_fails(efi_variables_enroll(volume, SIZE, certificate, sizeof(certificate), &err),
		err, WERR_LIMIT, "no room");
}

/* Also within what aligns a variable; nothing behind it is written to. */
static void test_a_store_may_end_anywhere(ATTR_UNUSED void **state)
{
	for (uint32_t size = 28; size < STORE_BYTES / 2; size++) {
		unsigned char volume[SIZE];
		struct werr *err = NULL;
		int r;

		make_volume(volume);
		le32_put(volume + STORE + 16, size);
		r = efi_variables_enroll(volume, SIZE, certificate, sizeof(certificate), &err);
		for (size_t i = STORE + size; i < SIZE; i++)
			assert_int_equal(volume[i], 0xff);
		if (r == 0)
			return;
		werr_free(err);
	}
	fail_msg("there never is room");
}

/* Debian 12's AAVMF_VARS.fd; what is made of it, AAVMF takes for its own (vm-formats). */
static void test_a_flash_that_was_not_used(ATTR_UNUSED void **state)
{
	enum { FLASH = 1 << 20 };
	CLEANUP(free) unsigned char *flash = mem_alloc(FLASH);
	struct werr *err = NULL;
	uint16_t sum = 0;

	memset(flash, 0, FLASH);
	assert_ok(efi_variables_enroll(flash, FLASH, certificate, sizeof(certificate), &err), err);
	for (size_t i = 0; i < STORE; i += 2)
		sum = (uint16_t)(sum + le16_get(flash + i));
	assert_int_equal(sum, 0);
	assert_int_equal(le64_get(flash + 32), 3 << 18);
	assert_int_equal(le32_get(flash + STORE + 16), (1 << 18) - STORE);
	assert_int_equal(le16_get(flash + FIRST), 0x55aa);
	assert_int_equal(flash[(3 << 18) - 1], 0xff);
	assert_int_equal(flash[3 << 18], 0);
	memset(flash, 0, FLASH);
	assert_fails(efi_variables_enroll(flash, (3 << 18) - 1, certificate, 1, &err), err,
		WERR_INVALID, "no firmware volume");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_certificate_is_in_three_variables),
		cmocka_unit_test(test_another_file_is_refused),
		cmocka_unit_test(test_a_volume_that_is_cut_short_is_refused),
		cmocka_unit_test(test_a_store_may_have_no_room),
		cmocka_unit_test(test_a_store_may_end_anywhere),
		cmocka_unit_test(test_a_flash_that_was_not_used),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
