/* SPDX-License-Identifier: Apache-2.0 */
/* Hashes of files that are made of pieces made by hand. */
#include "made-pieces.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/str.h"
#include "output/kept-hash.h"

enum { MIB = 1 << 20 };

/* A file: bytes of memory, a part of the first piece, and all of the second. */
struct sample {
	uint64_t size, unit, at, offset;
	char letter; /* of the bytes */
	char digest; /* of the first piece: this, and zeros */
	uint64_t memory;
};
static const struct sample usual = {4 * MIB, 512, 100, 1, 'x', '1', 10};

/* Its text is "" when there is none. */
static struct digest key_of(const struct sample *s)
{
	static const int sizes[MADE_PARTS] = {20, 30, NONE};
	CLEANUP(made_pieces) struct made_pieces m = {0};
	CLEANUP(extents) struct extents file = {.size = s->size};
	CLEANUP(free) char *bytes = mem_alloc(s->memory);
	struct piece *pieces = m.items[0];
	struct digest key = {0};
	struct werr *err = NULL;

	memset(bytes, s->letter, s->memory);
	made_pieces_init(&m, CODEC_ZSTD);
	make_pieces(&m, &encoding_initrd, sizes, 'a');
	str_format(pieces[0].digest, sizeof(pieces[0].digest), "%c%063d", s->digest, 0);
	assert_ok(extents_add_bytes(&file, 0, bytes, s->memory, &err), err);
	assert_ok(extents_add_range(&file, MIB * 2 + s->at,
			  &(struct io_range){pieces[0].fd, s->offset, 10}, &err),
		err);
	/* It has no digest: its bytes count. */
	assert_ok(extents_add_range(&file, MIB * 3, &(struct io_range){pieces[1].fd, 0, 30}, &err),
		err);
	(void)kept_hash_key(&m.pieces, &file, s->unit, &key);
	return key;
}

static void test_a_key_depends_on_all_that_the_bytes_do(ATTR_UNUSED void **state)
{
	static const struct {
		const char *what;
		struct sample is;
	} others[] = {
		{"the size", {4 * MIB + 1, 512, 100, 1, 'x', '1', 10}},
		{"the unit", {4 * MIB, 1, 100, 1, 'x', '1', 10}},
		{"the place", {4 * MIB, 512, 101, 1, 'x', '1', 10}},
		{"the place in the piece", {4 * MIB, 512, 100, 2, 'x', '1', 10}},
		{"a part that is in no piece", {4 * MIB, 512, 100, 15, 'x', '1', 10}},
		{"the bytes", {4 * MIB, 512, 100, 1, 'y', '1', 10}},
		{"how many they are", {4 * MIB, 512, 100, 1, 'x', '1', 11}},
		{"the piece", {4 * MIB, 512, 100, 1, 'x', '2', 10}},
	};
	const struct digest key = key_of(&usual), again = key_of(&usual);

	assert_string_equal(key.text, again.text);
	assert_string_not_equal(key.text, "");
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		const struct digest other = key_of(&others[i].is);

		if (str_eq(other.text, key.text))
			fail_msg("%s", others[i].what);
	}
}

static void test_what_is_quick_to_hash_has_no_key(ATTR_UNUSED void **state)
{
	struct sample large = usual;
	CLEANUP(made_pieces) struct made_pieces m = {0};
	struct digest ret;

	large.memory = MIB + 1;
	large.at = MIB / 2;
	ret = key_of(&large);
	assert_string_equal(ret.text, "");
	made_pieces_init(&m, CODEC_ZSTD);
	assert_false(kept_hash_key(&m.pieces, &(struct extents){.size = MIB - 1}, 1, &ret));
	assert_true(kept_hash_key(&m.pieces, &(struct extents){.size = MIB}, 1, &ret));
}

static void test_it_is_kept_under_its_key(ATTR_UNUSED void **state)
{
	CLEANUP(free) char *dir = NULL, *store = NULL;
	struct store *s = NULL;
	struct digest key, other;
	char hex[SHA256_HEX + 1], got[SHA256_HEX + 1] = "";
	struct werr *err = NULL;

	assert_ok(file_temp_dir("/tmp", "wherry-test", &dir, &err), err);
	setenv("XDG_STATE_HOME", dir, 1);
	store = str_printf("%s/store", dir);
	assert_ok(store_open(&s, store, &err), err);
	digest_of("a", 1, &key);
	digest_of("b", 1, &other);
	sha256_of("file", 4, hex);
	assert_false(kept_hash_find(s, &key, got));
	kept_hash_keep(s, &key, hex);
	assert_true(kept_hash_find(s, &key, got));
	assert_string_equal(got, hex);
	assert_false(kept_hash_find(s, &other, got));
	store_free(s);
	assert_ok(file_remove_all(dir, &err), err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_key_depends_on_all_that_the_bytes_do),
		cmocka_unit_test(test_what_is_quick_to_hash_has_no_key),
		cmocka_unit_test(test_it_is_kept_under_its_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
