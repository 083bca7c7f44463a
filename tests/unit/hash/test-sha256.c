/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <string.h>

#include "base/mem.h"
#include "hash/sha256.h"

/* FIPS 180-4's example. */
static const char abc_hash[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

static void test_hash(ATTR_UNUSED void **state)
{
	char hex[SHA256_HEX + 1];

	sha256_of("abc", 3, hex);
	assert_string_equal(hex, abc_hash);
}

static void test_check_reader(ATTR_UNUSED void **state)
{
	static const struct {
		const char *data, *part;
		uint64_t size;
	} cases[] = {
		{"abd", "is damaged", 3},
		{"ab", "has 2 bytes instead of 3", 3},
		{"abcd", "more than its 3 bytes", 3},
		{"", "has 0 bytes", 3},
	};
	CLEANUP(reader) struct reader *good = NULL;
	struct werr *err = NULL;

	good = sha256_check_reader_new(mem_reader_new("abc", 3), "blob", abc_hash, 3);
	assert_ok(reader_drain(good, &err), err);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(reader)
		struct reader *r = sha256_check_reader_new(
			mem_reader_new(cases[i].data, strlen(cases[i].data)), "blob", abc_hash,
			cases[i].size);

		assert_fails(reader_drain(r, &err), err, WERR_CORRUPT, cases[i].part);
		assert_fails(reader_drain(r, &err), err, WERR_CORRUPT, cases[i].part);
	}
}

static void test_writer(ATTR_UNUSED void **state)
{
	CLEANUP(sha256) struct sha256 *hash = sha256_new();
	uint64_t count = 0;
	CLEANUP(writer) struct writer *counter = count_writer_new(NULL, &count);
	CLEANUP(writer) struct writer *hasher = sha256_writer_new(counter, hash);
	struct werr *err = NULL;
	char hex[SHA256_HEX + 1];

	assert_ok(writer_write(hasher, "abc", 3, &err), err);
	assert_ok(writer_finish(hasher, &err), err);
	assert_int_equal(count, 3);
	sha256_hex(hash, hex);
	assert_string_equal(hex, abc_hash);
}

/* Skipped zeros are hashed like written ones. */
static void test_skip(ATTR_UNUSED void **state)
{
	enum { ZEROS = 200000 };
	CLEANUP(sha256) struct sha256 *hash = sha256_new();
	CLEANUP(writer) struct writer *hasher = sha256_writer_new(NULL, hash);
	static const char zeros[ZEROS + 3] = {[ZEROS] = 'a', 'b', 'c'};
	char hex[SHA256_HEX + 1], expected[SHA256_HEX + 1];
	struct werr *err = NULL;

	assert_ok(writer_skip(hasher, ZEROS, &err), err);
	assert_ok(writer_write(hasher, "abc", 3, &err), err);
	sha256_hex(hash, hex);
	sha256_of(zeros, sizeof(zeros), expected);
	assert_string_equal(hex, expected);
}

/* RFC 4231, 4.2, 4.3, 4.4 and 4.7. */
static void test_hmac(ATTR_UNUSED void **state)
{
	static const struct {
		const char *key, *data, *expected;
	} cases[] = {
		{"\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b",
			"Hi There",
			"b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
		{"Jefe", "what do ya want for nothing?",
			"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
	};
	unsigned char key[131];
	const char *text = "Test Using Larger Than Block-Size Key - Hash Key First";
	char data[50], hex[SHA256_HEX + 1];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		sha256_hmac(cases[i].key, strlen(cases[i].key), cases[i].data,
			strlen(cases[i].data), hex);
		assert_string_equal(hex, cases[i].expected);
	}
	memset(key, 0xaa, sizeof(key));
	memset(data, 0xdd, sizeof(data));
	sha256_hmac(key, 20, data, sizeof(data), hex);
	assert_string_equal(
		hex, "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
	sha256_hmac(key, sizeof(key), text, strlen(text), hex);
	assert_string_equal(
		hex, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

/* Sizes around what the other thread takes at once, and holes. */
static void test_hash_behind(ATTR_UNUSED void **state)
{
	enum { SIZE = 3 << 20, HOLE = 1 << 20 };
	CLEANUP(free) char *bytes = mem_alloc(SIZE + HOLE);
	CLEANUP(sha256) struct sha256 *h = sha256_new();
	uint64_t written = 0;
	CLEANUP(writer) struct writer *to = count_writer_new(NULL, &written);
	bool too_sparse = false;
	CLEANUP(writer) struct writer *w = sha256_behind_writer_new(to, h, &too_sparse);
	char found[SHA256_HEX + 1], expected[SHA256_HEX + 1];
	struct werr *err = NULL;
	size_t at = 0;

	for (size_t i = 0; i < SIZE; i++)
		bytes[i] = (char)(i * 7 + i / 1000);
	for (size_t n = 1; at < SIZE; at += n, n = n * 3 < SIZE - at ? n * 3 : SIZE - at)
		assert_ok(writer_write(w, bytes + at, n, &err), err);
	assert_ok(writer_skip(w, HOLE, &err), err);
	assert_ok(writer_finish(w, &err), err);
	sha256_hex(h, found);
	sha256_of(bytes, SIZE + HOLE, expected);
	assert_string_equal(found, expected);
	assert_int_equal(written, SIZE + HOLE);
	assert_false(too_sparse);
}

/* Terabytes of zeros are not hashed; what follows is passed on. */
static void test_too_many_holes(ATTR_UNUSED void **state)
{
	CLEANUP(sha256) struct sha256 *h = sha256_new();
	uint64_t written = 0;
	CLEANUP(writer) struct writer *to = count_writer_new(NULL, &written);
	bool too_sparse = false;
	CLEANUP(writer) struct writer *w = sha256_behind_writer_new(to, h, &too_sparse);
	struct werr *err = NULL;

	assert_ok(writer_write(w, "a", 1, &err), err);
	assert_ok(writer_skip(w, 1, &err), err);
	assert_false(too_sparse);
	assert_ok(writer_skip(w, SHA256_HOLES_MAX, &err), err);
	assert_true(too_sparse);
	assert_ok(writer_skip(w, (uint64_t)1 << 42, &err), err);
	assert_ok(writer_write(w, "b", 1, &err), err);
	assert_ok(writer_finish(w, &err), err);
	assert_int_equal(written, 3 + SHA256_HOLES_MAX + ((uint64_t)1 << 42));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hash_behind),
		cmocka_unit_test(test_too_many_holes),
		cmocka_unit_test(test_hash),
		cmocka_unit_test(test_check_reader),
		cmocka_unit_test(test_writer),
		cmocka_unit_test(test_skip),
		cmocka_unit_test(test_hmac),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
