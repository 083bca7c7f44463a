/* SPDX-License-Identifier: Apache-2.0 */
/* Pieces in encodings that exist in the test only, and count how often they encode. */
#include "plan/fixture.h"

#include <errno.h>
#include <stdlib.h>

#include "output/pieces.h"

#define OS                                                    \
	"kernel: {image: kernel, cmdline: a}\ninit: [init]\n" \
	"services: [{name: s, image: app}, {name: t, image: www}]\n"
/* The same but for one part. */
#define OTHER_BOOT                                            \
	"kernel: {image: kernel, cmdline: b}\ninit: [init]\n" \
	"services: [{name: s, image: app}, {name: t, image: www}]\n"
#define OTHER_SERVICE                                         \
	"kernel: {image: kernel, cmdline: a}\ninit: [init]\n" \
	"services: [{name: s, image: app}, {name: t, image: www, command: [x]}]\n"
enum { PARTS = 4, TEXT_MAX = 1 << 10 };

static _Atomic unsigned encoded; /* pieces, since the last test began */

static int encode(const struct encoding *e, ATTR_UNUSED const struct part_content *c,
	struct writer *to, struct werr **err)
{
	encoded++;
	return writer_write(to, e->name, strlen(e->name), err);
}

static int encode_nothing(ATTR_UNUSED const struct encoding *e,
	ATTR_UNUSED const struct part_content *c, ATTR_UNUSED struct writer *to, struct werr **err)
{
	return werr_set(err, WERR_NO_SPACE, "no room for it");
}

static bool has_kernel(ATTR_UNUSED const struct encoding *e, const struct part_content *c)
{
	return tree_find(c->tree, "boot/kernel") != NULL;
}

static const struct encoding each = {.name = "each", .is_kept = true, .encode = encode};
static const struct encoding other = {.name = "other", .is_kept = true, .encode = encode};
static const struct encoding packed = {
	.name = "packed", .is_kept = true, .is_compressed = true, .encode = encode};
static const struct encoding brief = {.name = "brief", .encode = encode};
static const struct encoding rare = {
	.name = "rare", .is_kept = true, .is_there = has_kernel, .encode = encode};
static const struct encoding warning = {.name = "warning",
	.is_kept = true,
	.is_warning = true,
	.is_there = has_kernel,
	.encode = encode};
static const struct encoding whole = {
	.name = "whole", .is_whole = true, .is_kept = true, .encode = encode};
static const struct encoding failing = {
	.name = "failing", .is_kept = true, .encode = encode_nothing};

/* Every test begins without kept pieces. */
static int forget(void **state)
{
	const struct fixture *f = *state;
	struct store_garbage garbage;

	encoded = 0;
	free(fixture_warnings());
	return store_trim_pieces(f->store, 0, 0, &garbage, NULL);
}

static struct pieces *must_find(const struct plan *p, const struct pieces_options *o)
{
	struct pieces *pieces = NULL;
	struct werr *err = NULL;

	assert_ok(pieces_find(&pieces, p, o, &err), err);
	return pieces;
}

static struct pieces *must_encode(struct plan *p, const struct pieces_options *o)
{
	struct pieces *pieces = must_find(p, o);
	struct werr *err = NULL;

	if (pieces_need_kernel(pieces))
		assert_ok(plan_load_kernel(p, &err), err);
	assert_ok(pieces_encode(pieces, &err), err);
	return pieces;
}

/* How many pieces a build of these encodings has to encode. */
static unsigned count_encoded(
	const struct fixture *f, const struct sample_os *os, const struct pieces_options *o)
{
	CLEANUP(planned) struct planned p = fixture_must_plan(f, os);
	CLEANUP(pieces) struct pieces *pieces = NULL;
	unsigned before = encoded;

	pieces = must_encode(p.plan, o);
	return encoded - before;
}

static void assert_bytes(struct reader *r, const char *text, size_t n)
{
	CLEANUP(reader) struct reader *from = r;
	CLEANUP(free) char *is = NULL;
	struct werr *err = NULL;
	size_t size;

	assert_ok(reader_read_all(from, TEXT_MAX, &is, &size, &err), err);
	assert_int_equal(size, n);
	assert_memory_equal(is, text, n);
}

/* All pieces of an encoding. */
static void assert_pieces(const struct pieces *p, const struct encoding *e, const char *text)
{
	assert_int_equal(pieces_size(p, e), strlen(text));
	assert_bytes(pieces_open(p, e, 0), text, strlen(text));
}

static void test_what_was_kept_is_found_and_not_encoded_again(void **state)
{
	static const struct pieces_options wanted = {{&each}, 1};
	const struct sample_os os = {OS};
	CLEANUP(planned) struct planned p = fixture_must_plan(*state, &os);
	CLEANUP(pieces) struct pieces *first = must_find(p.plan, &wanted);
	CLEANUP(pieces) struct pieces *second = NULL;

	assert_true(pieces_need_kernel(first));
	assert_int_equal(pieces_count_found(first), 0);
	assert_int_equal(count_encoded(*state, &os, &wanted), PARTS);
	second = must_find(p.plan, &wanted);
	assert_false(pieces_need_kernel(second));
	assert_int_equal(pieces_count_found(second), PARTS);
	assert_pieces(second, &each, "eacheacheacheach");
	assert_int_equal(count_encoded(*state, &os, &wanted), 0);
}

static void test_a_fresh_build_finds_nothing(void **state)
{
	static const struct pieces_options wanted = {{&each}, 1};
	static const struct pieces_options fresh = {{&each}, 1, .fresh = true};
	const struct sample_os os = {OS};

	assert_int_equal(count_encoded(*state, &os, &wanted), PARTS);
	assert_int_equal(count_encoded(*state, &os, &fresh), PARTS);
	assert_int_equal(count_encoded(*state, &os, &wanted), 0);
}

static void test_only_the_part_that_has_changed_is_encoded(void **state)
{
	static const struct pieces_options wanted = {{&each}, 1};

	assert_int_equal(count_encoded(*state, &(struct sample_os){OS}, &wanted), PARTS);
	assert_int_equal(count_encoded(*state, &(struct sample_os){OTHER_BOOT}, &wanted), 1);
	assert_int_equal(count_encoded(*state, &(struct sample_os){OS}, &wanted), 0);
}

static void test_encodings_are_kept_by_themselves(void **state)
{
	static const struct pieces_options one = {{&each}, 1}, both = {{&other, &each}, 2};
	const struct sample_os os = {OS};

	assert_int_equal(count_encoded(*state, &os, &one), PARTS);
	assert_int_equal(count_encoded(*state, &os, &both), PARTS);
	assert_int_equal(count_encoded(*state, &os, &both), 0);
}

static void test_the_compression_counts_for_what_is_compressed(void **state)
{
	static const struct pieces_options wanted = {{&each, &packed}, 2};
	const struct sample_os zstd = {OS, .options = {.compression = {CODEC_ZSTD, 3}}};
	const struct sample_os more = {OS, .options = {.compression = {CODEC_ZSTD, 4}}};
	const struct sample_os xz = {OS, .options = {.compression = {CODEC_XZ, 3}}};

	assert_int_equal(count_encoded(*state, &zstd, &wanted), 2 * PARTS);
	assert_int_equal(count_encoded(*state, &more, &wanted), PARTS);
	assert_int_equal(count_encoded(*state, &xz, &wanted), PARTS);
	assert_int_equal(count_encoded(*state, &zstd, &wanted), 0);
}

static void test_what_is_not_kept_is_not_found(void **state)
{
	static const struct pieces_options wanted = {{&brief}, 1};
	const struct sample_os os = {OS};
	CLEANUP(planned) struct planned p = fixture_must_plan(*state, &os);
	CLEANUP(pieces) struct pieces *pieces = NULL;

	assert_int_equal(count_encoded(*state, &os, &wanted), PARTS);
	assert_int_equal(count_encoded(*state, &os, &wanted), PARTS);
	pieces = must_find(p.plan, &wanted);
	assert_int_equal(pieces_count_found(pieces), 0);
}

/* The os-release is made as fast as its key. */
static void test_a_part_that_is_not_kept_is_not_found(void **state)
{
	static const struct pieces_options wanted = {{&each}, 1};
	const struct sample_os os = {OS, .options = {.release = true}};
	CLEANUP(planned) struct planned p = fixture_must_plan(*state, &os);
	CLEANUP(pieces) struct pieces *pieces = NULL;

	assert_int_equal(count_encoded(*state, &os, &wanted), PARTS + 1);
	assert_int_equal(count_encoded(*state, &os, &wanted), 1);
	pieces = must_find(p.plan, &wanted);
	assert_int_equal(pieces_count_found(pieces), PARTS);
	assert_false(pieces_need_kernel(pieces));
}

static void test_that_a_part_has_no_piece_is_kept_as_well(void **state)
{
	static const struct pieces_options wanted = {{&rare}, 1};
	const struct sample_os os = {OS};
	CLEANUP(planned) struct planned p = fixture_must_plan(*state, &os);
	CLEANUP(pieces) struct pieces *pieces = NULL;

	assert_int_equal(count_encoded(*state, &os, &wanted), 1);
	pieces = must_find(p.plan, &wanted);
	assert_int_equal(pieces_count_found(pieces), PARTS);
	assert_pieces(pieces, &rare, "rare");
	assert_bytes(pieces_open_one(pieces_last(pieces, &rare)), "rare", 4);
	assert_bytes(pieces_open(pieces, &rare, 3), "rare\0\0\0", 7);
}

static void test_the_whole_is_one_piece_that_changes_with_each_part(void **state)
{
	static const struct pieces_options wanted = {{&each, &whole}, 2};
	const struct sample_os os = {OS};
	CLEANUP(planned) struct planned p = fixture_must_plan(*state, &os);
	CLEANUP(planned)
	struct planned later = fixture_must_plan(*state, &(struct sample_os){OTHER_BOOT});
	CLEANUP(pieces) struct pieces *second = NULL;
	CLEANUP(pieces) struct pieces *changed = NULL;

	assert_int_equal(count_encoded(*state, &os, &wanted), PARTS + 1);
	second = must_find(p.plan, &wanted);
	assert_int_equal(pieces_count_found(second), PARTS);
	assert_false(pieces_need_kernel(second));
	assert_pieces(second, &whole, "whole");
	/* All parts are loaded for it, and so none is reported as found. */
	changed = must_find(later.plan, &wanted);
	assert_int_equal(pieces_count_found(changed), 0);
	assert_true(pieces_need_kernel(changed));
	assert_int_equal(count_encoded(*state, &(struct sample_os){OTHER_BOOT}, &wanted), 2);
	assert_int_equal(count_encoded(*state, &os, &wanted), 0);
}

static void test_the_whole_needs_the_kernel_also_when_its_parts_are_found(void **state)
{
	static const struct pieces_options parts = {{&each}, 1}, both = {{&each, &whole}, 2};
	const struct sample_os os = {OS};
	CLEANUP(planned) struct planned p = fixture_must_plan(*state, &os);
	CLEANUP(pieces) struct pieces *pieces = NULL;

	assert_int_equal(count_encoded(*state, &os, &parts), PARTS);
	pieces = must_find(p.plan, &both);
	assert_true(pieces_need_kernel(pieces));
	assert_int_equal(count_encoded(*state, &os, &both), 1);
}

static void on_event(const struct progress_event *e, void *ctx)
{
	if (e->phase == PROGRESS_BEGIN)
		strv_add(ctx, e->name);
}

static void test_a_service_is_not_loaded_to_look_for_a_kernel(void **state)
{
	CLEANUP(strv) struct strv names = {0};
	CLEANUP(free) char *text = NULL;
	const struct progress progress = {on_event, &names};
	const struct pieces_options wanted = {
		{&encoding_kernel}, 1, .threads = 1, .progress = &progress};
	CLEANUP(planned) struct planned p = fixture_must_plan(*state, &(struct sample_os){OS});
	CLEANUP(pieces) struct pieces *pieces = must_encode(p.plan, &wanted);

	text = strv_join(&names, " ");
	assert_string_equal(text, "boot root");
	assert_pieces(pieces, &encoding_kernel, "a kernel");
}

static void test_a_service_that_has_changed_needs_no_kernel(void **state)
{
	static const struct pieces_options wanted = {{&each}, 1};
	CLEANUP(planned)
	struct planned p = fixture_must_plan(*state, &(struct sample_os){OTHER_SERVICE});
	CLEANUP(pieces) struct pieces *pieces = NULL;

	assert_int_equal(count_encoded(*state, &(struct sample_os){OS}, &wanted), PARTS);
	pieces = must_find(p.plan, &wanted);
	assert_false(pieces_need_kernel(pieces));
	assert_int_equal(pieces_count_found(pieces), PARTS - 1);
}

static void test_a_warning_is_given_again_when_its_piece_is_found(void **state)
{
	static const struct pieces_options wanted = {{&each, &warning}, 2};
	const struct sample_os os = {OS};

	for (unsigned i = 0; i < 2; i++) {
		CLEANUP(free) char *text = NULL;

		assert_int_equal(count_encoded(*state, &os, &wanted), i == 0 ? PARTS + 1 : 0);
		text = fixture_warnings();
		assert_non_null(strstr(text, "warning\n"));
		assert_null(strstr(text, "each"));
	}
}

static void test_an_encoding_that_fails_leaves_nothing(void **state)
{
	static const struct pieces_options wanted = {{&failing}, 1};
	CLEANUP(planned) struct planned p = fixture_must_plan(*state, &(struct sample_os){OS});
	CLEANUP(pieces) struct pieces *first = must_find(p.plan, &wanted);
	CLEANUP(pieces) struct pieces *second = NULL;
	struct werr *err = NULL;

	assert_ok(plan_load_kernel(p.plan, &err), err);
	assert_fails(pieces_encode(first, &err), err, WERR_NO_SPACE, "no room");
	assert_null(pieces_last(first, &failing));
	second = must_find(p.plan, &wanted);
	assert_int_equal(pieces_count_found(second), 0);
}

static const struct fixture *changing; /* whose file "source" changes while it is encoded */

static int encode_and_change(const struct encoding *e, const struct part_content *c,
	struct writer *to, struct werr **err)
{
	if (changing)
		fixture_write(changing, "source", "two");
	return encode(e, c, to, err);
}

static void test_what_changes_while_it_is_encoded_is_not_kept(void **state)
{
	static const struct encoding disturbed = {
		.name = "disturbed", .is_kept = true, .encode = encode_and_change};
	static const struct pieces_options wanted = {{&disturbed}, 1};
	CLEANUP(free) char *path = fixture_path(*state, "source");
	CLEANUP(free) char *yaml = str_printf("files: [{path: a, source: %s}]", path);
	const struct sample_os os = {yaml};

	fixture_write(*state, "source", "one");
	changing = *state;
	assert_int_equal(count_encoded(*state, &os, &wanted), 1);
	changing = NULL;
	fixture_write(*state, "source", "one");
	assert_int_equal(count_encoded(*state, &os, &wanted), 1);
	assert_int_equal(count_encoded(*state, &os, &wanted), 0);
}

#define TEST(name_) cmocka_unit_test_setup(name_, forget)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_what_was_kept_is_found_and_not_encoded_again),
		TEST(test_a_fresh_build_finds_nothing),
		TEST(test_only_the_part_that_has_changed_is_encoded),
		TEST(test_encodings_are_kept_by_themselves),
		TEST(test_the_compression_counts_for_what_is_compressed),
		TEST(test_what_is_not_kept_is_not_found),
		TEST(test_a_part_that_is_not_kept_is_not_found),
		TEST(test_that_a_part_has_no_piece_is_kept_as_well),
		TEST(test_the_whole_is_one_piece_that_changes_with_each_part),
		TEST(test_the_whole_needs_the_kernel_also_when_its_parts_are_found),
		TEST(test_a_service_is_not_loaded_to_look_for_a_kernel),
		TEST(test_a_service_that_has_changed_needs_no_kernel),
		TEST(test_a_warning_is_given_again_when_its_piece_is_found),
		TEST(test_an_encoding_that_fails_leaves_nothing),
		TEST(test_what_changes_while_it_is_encoded_is_not_kept),
	};

	return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
