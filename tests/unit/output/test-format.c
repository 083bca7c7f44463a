/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "output/format.h"

static bool has(const char *const *names, const char *name)
{
	for (; *names; names++)
		if (str_eq(*names, name))
			return true;
	return false;
}

static bool needs(const struct format *f, const struct encoding *e)
{
	for (size_t i = 0; f->root && i < ROOT_ENCODINGS_MAX && f->root->encodings[i]; i++)
		if (f->root->encodings[i] == e)
			return true;
	for (size_t i = 0; i < FORMAT_ENCODINGS_MAX && f->encodings[i]; i++)
		if (f->encodings[i] == e)
			return true;
	return false;
}

static size_t count_files(const struct format *f)
{
	size_t n = 0;

	while (n < FORMAT_FILES_MAX && f->files[n].suffix)
		n++;
	return n;
}

static void test_a_format_is_found_by_its_name(ATTR_UNUSED void **state)
{
	assert_string_equal(format_find("kernel+initrd")->name, "kernel+initrd");
	assert_string_equal(format_find("tar")->name, "tar");
	assert_null(format_find("kernel"));
	assert_null(format_find("tar "));
	assert_null(format_find(""));
}

static void test_each_name_is_there_once(ATTR_UNUSED void **state)
{
	const char *const *names = format_names();

	assert_true(has(names, "kernel+initrd"));
	for (size_t i = 0; names[i]; i++)
		assert_false(has(names + i + 1, names[i]));
}

static void test_linuxkits_formats_are_there(ATTR_UNUSED void **state)
{
	static const char *const theirs[] = {"kernel+initrd", "tar", "docker", "tar-kernel-initrd",
		"kernel+squashfs", "kernel+erofs", "kernel+iso", "iso-bios", "iso-efi",
		"iso-efi-initrd", "raw-bios", "raw-efi", "qcow2-bios", "qcow2-efi", "vmdk", "vhd",
		"dynamic-vhd", "aws", "gcp", "rpi3"};

	for (size_t i = 0; i < ARRAY_SIZE(theirs); i++)
		assert_true(has(format_names(), theirs[i]));
}

static void test_a_format_may_be_for_one_architecture(ATTR_UNUSED void **state)
{
	assert_true(format_is_for(format_find("rpi3"), "arm64"));
	assert_false(format_is_for(format_find("rpi3"), "amd64"));
	assert_true(format_is_for(format_find("tar"), "amd64"));
}

static void test_each_file_is_a_piece_that_is_made_or_has_a_writer(ATTR_UNUSED void **state)
{
	for (const char *const *name = format_names(); *name; name++) {
		const struct format *f = format_find(*name);

		assert_non_null(f->encodings[0]);
		for (size_t i = 0; i < count_files(f); i++) {
			const struct output_file *file = &f->files[i];

			if (!!file->piece + !!file->write + !!file->layout != 1 ||
				(file->disk && !file->layout))
				fail_msg("%s%s has not one source", *name, file->suffix);
			if (file->piece && !needs(f, file->piece))
				fail_msg("%s%s is of what is not encoded", *name, file->suffix);
		}
	}
}

static void test_no_encoding_is_made_twice(ATTR_UNUSED void **state)
{
	for (const char *const *name = format_names(); *name; name++) {
		const struct format *f = format_find(*name);

		for (size_t i = 0; i < FORMAT_ENCODINGS_MAX && f->encodings[i]; i++)
			for (size_t j = 0; j < i; j++) {
				assert_ptr_not_equal(f->encodings[i], f->encodings[j]);
				assert_string_not_equal(
					f->encodings[i]->name, f->encodings[j]->name);
			}
	}
}

static void test_a_kind_of_root_is_found_by_its_name(ATTR_UNUSED void **state)
{
	for (const char *const *name = root_kind_names(); *name; name++)
		assert_string_equal(root_kind_find(*name)->name, *name);
	assert_ptr_equal(root_kind_find("initrd"), &root_initrd);
	assert_null(root_kind_find("ram"));
}

static void test_an_encoding_can_encode(ATTR_UNUSED void **state)
{
	for (const char *const *name = format_names(); *name; name++) {
		const struct format *f = format_find(*name);

		for (size_t i = 0; i < FORMAT_ENCODINGS_MAX && f->encodings[i]; i++) {
			const struct encoding *e = f->encodings[i];

			assert_non_null(e->encode);
			/* A copy of a file is where the file is; warnings are where they are due.
			 */
			if (e->file || e->is_warning)
				assert_non_null(e->is_there);
		}
	}
}

static void test_a_stream_is_one_file(ATTR_UNUSED void **state)
{
	for (const char *const *name = format_names(); *name; name++) {
		const struct format *f = format_find(*name);

		if (f->is_stream)
			assert_int_equal(count_files(f), 1);
	}
}

/* A format can be held with all of its files or not at all. */
static void test_what_can_be_held(ATTR_UNUSED void **state)
{
	const char *const *names = format_names();

	for (size_t i = 0; names[i]; i++) {
		const struct format *f = format_find(names[i]);

		for (size_t j = 0; j < count_files(f); j++)
			assert_int_equal(f->files[j].type != NULL, format_can_be_held(f));
		if (f->holds)
			assert_true(format_can_be_held(format_find(f->holds)));
	}
	assert_true(format_can_be_held(format_find("kernel+initrd")));
	assert_false(format_can_be_held(format_find("oci")));
	assert_false(format_can_be_held(format_find("pxe")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_format_is_found_by_its_name),
		cmocka_unit_test(test_each_name_is_there_once),
		cmocka_unit_test(test_what_can_be_held),
		cmocka_unit_test(test_linuxkits_formats_are_there),
		cmocka_unit_test(test_a_format_may_be_for_one_architecture),
		cmocka_unit_test(test_each_file_is_a_piece_that_is_made_or_has_a_writer),
		cmocka_unit_test(test_no_encoding_is_made_twice),
		cmocka_unit_test(test_a_kind_of_root_is_found_by_its_name),
		cmocka_unit_test(test_an_encoding_can_encode),
		cmocka_unit_test(test_a_stream_is_one_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
