/* SPDX-License-Identifier: Apache-2.0 */
/* From pieces that are made by hand. */
#include "made-pieces.h"

#include <stdlib.h>

#include "base/str.h"
#include "output/identity.h"

struct sample {
	int kernel[MADE_PARTS], cmdline[MADE_PARTS], initrd[MADE_PARTS], squashfs[MADE_PARTS];
	const struct root_kind *root;
};
static const struct sample usual = {
	{NONE, 3, NONE}, {1, NONE, 2}, {3, 2, NONE}, {NONE, NONE, 9}, &root_initrd};

static struct identity identity_of(const struct sample *s, bool has_digests)
{
	CLEANUP(made_pieces) struct made_pieces m = {0};
	struct output_job job;
	struct identity ret;
	struct werr *err = NULL;

	made_pieces_init(&m, CODEC_ZSTD);
	make_pieces(&m, &encoding_kernel, s->kernel, 'k');
	make_pieces(&m, &encoding_cmdline, s->cmdline, 'c');
	make_pieces(&m, &encoding_initrd, s->initrd, 'i');
	make_pieces(&m, &encoding_squashfs, s->squashfs, 's');
	for (size_t i = 0; has_digests && i < MADE_ROWS_MAX; i++)
		for (size_t j = 0; j < MADE_PARTS; j++)
			if (m.items[i][j].fd >= 0)
				assert_ok(piece_digest(&m.items[i][j], m.items[i][j].digest, &err),
					err);
	job = made_job(&m);
	job.root = s->root;
	job.size = has_digests ? 0 : 1 << 20;
	assert_ok(output_identity(&job, &ret, &err), err);
	return ret;
}

static bool is_usual(const struct sample *s)
{
	const struct identity a = identity_of(&usual, false), b = identity_of(s, false);

	return memcmp(a.bytes, b.bytes, sizeof(a.bytes)) == 0;
}

static void test_what_it_depends_on(ATTR_UNUSED void **state)
{
	const struct identity known = identity_of(&usual, true);
	struct sample s = usual;

	assert_memory_equal(identity_of(&usual, false).bytes, known.bytes, sizeof(known.bytes));
	/* Only the last command line counts, and only the root that is used. */
	s.cmdline[0] = 5;
	s.squashfs[2] = 1;
	assert_true(is_usual(&s));
	s.cmdline[2] = 3;
	assert_false(is_usual(&s));
	s = usual;
	s.kernel[1] = 4;
	assert_false(is_usual(&s));
	s = usual;
	s.initrd[1] = 3;
	assert_false(is_usual(&s));
	s = usual;
	s.initrd[2] = 0;
	assert_false(is_usual(&s));
	s = usual;
	s.root = &root_squashfs;
	assert_false(is_usual(&s));
}

static void test_names(ATTR_UNUSED void **state)
{
	const struct identity i = {{1, 2, 3}}, j = {{1, 2, 4}};
	struct guid disk, again, esp, other;
	char text[GUID_TEXT];

	identity_guid(&i, "disk", &disk);
	identity_guid(&i, "disk", &again);
	identity_guid(&i, "esp", &esp);
	identity_guid(&j, "disk", &other);
	assert_true(guid_eq(&disk, &again));
	assert_false(guid_eq(&disk, &esp));
	assert_false(guid_eq(&disk, &other));
	guid_text(&disk, text);
	assert_int_equal(text[14], '8');
	assert_non_null(strchr("89ab", text[19]));
	assert_int_equal(identity_number(&i, "esp"), identity_number(&i, "esp"));
	assert_int_not_equal(identity_number(&i, "esp"), identity_number(&i, "root"));
	assert_int_not_equal(identity_number(&i, "esp"), identity_number(&j, "esp"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_it_depends_on),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
