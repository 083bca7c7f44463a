/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <link.h>
#include <stdio.h>
#include <string.h>

#include "base/build-id.h"
#include "base/file.h"
#include "base/mem.h"

enum { PROGRAM_MAX = 64 << 20, SHA1_SIZE = 20 };

/* The ID is the one in the file: the same bytes after the same header. */
static void test_it_is_this_programs(ATTR_UNUSED void **state)
{
	static const struct {
		ElfW(Nhdr) note;
		char name[sizeof(ELF_NOTE_GNU)];
	} header = {{sizeof(ELF_NOTE_GNU), SHA1_SIZE, NT_GNU_BUILD_ID}, ELF_NOTE_GNU};
	CLEANUP(free) char *program = NULL;
	const void *id;
	const char *in_file;
	size_t size, program_size;
	struct werr *err = NULL;

	assert_int_equal(program_build_id(&id, &size), 0);
	assert_int_equal(size, SHA1_SIZE);
	assert_ok(file_read("/proc/self/exe", PROGRAM_MAX, &program, &program_size, &err), err);
	in_file = memmem(program, program_size, &header, sizeof(header));
	assert_non_null(in_file);
	assert_memory_equal(in_file + sizeof(header), id, size);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_it_is_this_programs)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
