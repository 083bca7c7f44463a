/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <string.h>

#include "base/base64.h"
#include "base/mem.h"

static void the_standard_s_examples(ATTR_UNUSED void **state)
{
	static const char *const rows[][2] = {{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="},
		{"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="},
		{"foobar", "Zm9vYmFy"}, {"\377\376\373\277", "//77vw=="}};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(buf) struct buf coded = BUF_INIT(100), plain = BUF_INIT(100);

		base64_add(&coded, rows[i][0], strlen(rows[i][0]));
		assert_string_equal(buf_str(&coded), rows[i][1]);
		assert_true(base64_read(buf_str(&coded), coded.len, &plain));
		assert_string_equal(buf_str(&plain), rows[i][0]);
	}
}

static void all_bytes_come_back(ATTR_UNUSED void **state)
{
	CLEANUP(buf) struct buf coded = BUF_INIT(1000), plain = BUF_INIT(1000);
	unsigned char bytes[256];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)i;
	base64_add(&coded, bytes, sizeof(bytes));
	assert_true(base64_read(buf_str(&coded), coded.len, &plain));
	assert_int_equal(plain.len, sizeof(bytes));
	assert_memory_equal(plain.data, bytes, sizeof(bytes));
}

/* Lines of base64(1), and of tools that leave out the padding. */
static void it_may_be_broken_into_lines(ATTR_UNUSED void **state)
{
	static const char *const texts[] = {"bWU6\nc2Vj\r\ncmV0\n", " bWU6c2VjcmV0",
		"bWU6c2VjcmV0\t", "bWU6 c2Vj cmV0", "bWU 6c2VjcmV0"};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		CLEANUP(buf) struct buf plain = BUF_INIT(100);

		assert_true(base64_read(texts[i], strlen(texts[i]), &plain));
		assert_string_equal(buf_str(&plain), "me:secret");
	}
	CLEANUP(buf) struct buf unpadded = BUF_INIT(100);
	assert_true(base64_read("bWU6eA", 6, &unpadded));
	assert_string_equal(buf_str(&unpadded), "me:x");
}

static void what_is_not_base64_is_refused(ATTR_UNUSED void **state)
{
	static const char *const texts[] = {
		"a", "ab=c", "====", "a===", "ab!=", "abcd=", "ab==ab==", "abcde", "ab=", "="};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		CLEANUP(buf) struct buf plain = BUF_INIT(100);

		if (base64_read(texts[i], strlen(texts[i]), &plain))
			fail_msg("%s was taken", texts[i]);
	}
	CLEANUP(buf) struct buf plain = BUF_INIT(100);
	assert_false(base64_read("ab\0d", 4, &plain));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_standard_s_examples),
		cmocka_unit_test(all_bytes_come_back),
		cmocka_unit_test(it_may_be_broken_into_lines),
		cmocka_unit_test(what_is_not_base64_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
