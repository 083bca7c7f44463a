/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "base/endian.h"

/* At an odd address, as formats have them. */
static const unsigned char bytes[] = {0xff, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef};

static void test_reading(ATTR_UNUSED void **state)
{
	const unsigned char *p = bytes + 1;

	assert_int_equal(le16_get(p), 0x2301);
	assert_int_equal(be16_get(p), 0x0123);
	assert_int_equal(le32_get(p), 0x67452301);
	assert_int_equal(be32_get(p), 0x01234567);
	assert_true(le64_get(p) == 0xefcdab8967452301);
	assert_true(be64_get(p) == 0x0123456789abcdef);
}

/* What is written is the bytes that were read, and nothing beside them changes. */
#define CHECK_PUT(order_, bits_)                                             \
	do {                                                                 \
		unsigned char to[10] = {0};                                  \
                                                                             \
		order_##bits_##_put(to + 1, order_##bits_##_get(bytes + 1)); \
		assert_memory_equal(to + 1, bytes + 1, (bits_) / 8);         \
		assert_int_equal(to[0], 0);                                  \
		assert_int_equal(to[(bits_) / 8 + 1], 0);                    \
	} while (0)

static void test_writing(ATTR_UNUSED void **state)
{
	CHECK_PUT(le, 16);
	CHECK_PUT(le, 32);
	CHECK_PUT(le, 64);
	CHECK_PUT(be, 16);
	CHECK_PUT(be, 32);
	CHECK_PUT(be, 64);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reading),
		cmocka_unit_test(test_writing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
