/* SPDX-License-Identifier: Apache-2.0 */
/* Where a signature is and what it is of; tests/cli/test_secure_boot.py asks other programs. */
#include "check.h"

#include "base/mem.h"
#include "boot/authenticode.h"
#include "hash/sha256.h"
#include "pair.h"
#include "stub.h"

enum { CHECKSUM = STUB_OPTIONAL + 64, DIRECTORY = STUB_OPTIONAL + 144 };

/* What is behind a program: a table of one certificate. */
struct table {
	unsigned char *bytes;
	size_t size;
};

static void table_cleanup(struct table *t)
{
	free(t->bytes);
}

/* Sign what may have been changed of a stub; the table, and the head as it is afterwards. */
static int sign(
	unsigned char head[static STUB_SIZE], size_t size, struct table *ret, struct werr **err)
{
	CLEANUP(signer) struct signer *signer = NULL;
	CLEANUP(extents) struct extents program = {.size = size};
	struct pe pe;
	int r = signer_open(pair.key, pair.certificate, &signer, err);

	if (r == 0)
		r = pe_parse(head, STUB_SIZE, &pe, err);
	if (r == 0)
		r = extents_add_bytes(&program, 0, head, size, err);
	if (r == 0)
		r = authenticode_sign(&program, head, &pe, signer, err);
	if (r < 0)
		return r;
	ret->size = (size_t)program.size - size;
	ret->bytes = mem_alloc(ret->size);
	return extents_read(&program, size, ret->bytes, ret->size, err);
}

static void test_the_table_is_behind_the_program(ATTR_UNUSED void **state)
{
	CLEANUP(table) struct table t = {0};
	unsigned char head[STUB_SIZE];
	struct werr *err = NULL;
	size_t der;

	stub_make(head, 0x1000, 0);
	assert_ok(sign(head, STUB_SIZE, &t, &err), err);
	assert_int_equal(le32_get(head + DIRECTORY), STUB_SIZE);
	assert_int_equal(le32_get(head + DIRECTORY + 4), t.size);
	assert_int_equal(t.size % 8, 0);
	assert_int_equal(le32_get(t.bytes), t.size);
	assert_int_equal(le16_get(t.bytes + 4), 0x0200); /* WIN_CERT_REVISION_2_0 */
	assert_int_equal(le16_get(t.bytes + 6), 0x0002); /* WIN_CERT_TYPE_PKCS_SIGNED_DATA */
	/* One value, of which the size has two bytes, and no more than what aligns it. */
	assert_memory_equal(t.bytes + 8, "\x30\x82", 2);
	der = 8 + 4 + (size_t)(t.bytes[10] << 8 | t.bytes[11]);
	assert_in_range(t.size - der, 0, 7);
	for (size_t i = der; i < t.size; i++)
		assert_int_equal(t.bytes[i], 0);
}

static void hash_by_hand(const unsigned char *head, unsigned char ret[static SHA256_SIZE])
{
	CLEANUP(sha256) struct sha256 *h = sha256_new();

	for (size_t i = 0; i < STUB_SIZE; i++)
		if ((i < CHECKSUM || i >= CHECKSUM + 4) && (i < DIRECTORY || i >= DIRECTORY + 8))
			sha256_add(h, head + i, 1);
	sha256_raw(h, ret);
}

/* A byte of the program, and whether the signature is another one when it changes. */
static const struct {
	size_t at;
	bool counts;
} bytes[] = {
	{2, true},
	{CHECKSUM - 1, true},
	{CHECKSUM, false},
	{CHECKSUM + 3, false},
	{CHECKSUM + 4, true},
	{DIRECTORY - 1, true},
	{DIRECTORY, false},
	{DIRECTORY + 7, false},
	{DIRECTORY + 8, true},
	{STUB_HEADERS - 1, true},
	{STUB_HEADERS, true},
	{STUB_SIZE - 1, true},
};

static void test_what_is_signed(ATTR_UNUSED void **state)
{
	CLEANUP(table) struct table first = {0};
	unsigned char head[STUB_SIZE], hash[SHA256_SIZE];
	struct werr *err = NULL;

	stub_make(head, 0x1000, 0);
	hash_by_hand(head, hash);
	assert_ok(sign(head, STUB_SIZE, &first, &err), err);
	assert_non_null(memmem(first.bytes, first.size, hash, sizeof(hash)));
	for (size_t i = 0; i < ARRAY_SIZE(bytes); i++) {
		CLEANUP(table) struct table t = {0};

		stub_make(head, 0x1000, 0);
		head[bytes[i].at] ^= 1;
		hash_by_hand(head, hash);
		assert_ok(sign(head, STUB_SIZE, &t, &err), err);
		assert_int_equal(t.size, first.size);
		assert_int_equal(memcmp(t.bytes, first.bytes, t.size) != 0, bytes[i].counts);
		assert_non_null(memmem(t.bytes, t.size, hash, sizeof(hash)));
	}
}

static void test_a_program_without_a_place(ATTR_UNUSED void **state)
{
	CLEANUP(table) struct table t = {0};
	unsigned char head[STUB_SIZE];
	struct werr *err = NULL;

	stub_make(head, 0x1000, 0);
	assert_fails(sign(head, STUB_SIZE - 1, &t, &err), err, WERR_LIMIT, "no place");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_table_is_behind_the_program),
		cmocka_unit_test(test_what_is_signed),
		cmocka_unit_test(test_a_program_without_a_place),
	};

	return cmocka_run_group_tests(tests, pair_make, pair_remove);
}
