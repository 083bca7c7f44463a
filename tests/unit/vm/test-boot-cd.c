/* SPDX-License-Identifier: Apache-2.0 */
/* Which CDs want UEFI, and what they are for. */
#include "check.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "vm/boot-cd.h"

enum { RECORD = 17 * 2048, CATALOGUE = 20 * 2048, SIZE = 21 * 2048 };

static struct boot_disk look(int fd)
{
	struct boot_disk found;

	boot_cd_look(fd, &found);
	return found;
}

/* With these entries behind the first, of 32 bytes each, of which the first 4 count. */
static struct boot_disk look_at(const char *entries, size_t n, const char *record)
{
	CLEANUP(free) unsigned char *bytes = mem_alloc(SIZE);
	char path[] = "/tmp/wherry-cd-XXXXXX";
	CLEANUP(fd) int fd = mkostemp(path, O_CLOEXEC);

	unlink(path);
	memcpy(bytes + RECORD, record, 30);
	bytes[RECORD + 71] = 20;
	bytes[CATALOGUE + 30] = 0x55;
	bytes[CATALOGUE + 31] = 0xaa;
	for (size_t i = 0; i < n; i++)
		memcpy(bytes + CATALOGUE + i * 32, entries + i * 4, 4);
	assert_int_equal(write(fd, bytes, SIZE), SIZE);
	return look(fd);
}

static bool needs_uefi(const char *entries, size_t n, const char *record)
{
	return look_at(entries, n, record).needs_uefi;
}

static void test_all(ATTR_UNUSED void **state)
{
	static const char record[] = "\0CD001\1EL TORITO SPECIFICATION";

	assert_true(needs_uefi("\1\xef\0\0\x88\0\0\0", 2, record));
	assert_false(needs_uefi("\1\0\0\0\x88\0\0\0", 2, record));
	assert_false(needs_uefi("\1\0\0\0\x88\0\0\0\x91\xef\1\0\x88\0\0\0", 4, record));
	/* A first entry that does not boot; several sections; an entry behind the last. */
	assert_true(needs_uefi("\1\0\0\0\0\0\0\0\x91\xef\1\0\x88\0\0\0", 4, record));
	assert_false(needs_uefi(
		"\1\xef\0\0\x88\0\0\0\x90\0\1\0\x88\0\0\0\x91\xef\1\0\x88\0\0\0", 6, record));
	assert_true(needs_uefi("\1\xef\0\0\x88\0\0\0\x91\xef\0\0\x91\0\1\0\x88\0\0\0", 5, record));
	/* As many entries as do not fit. */
	assert_true(needs_uefi("\1\0\0\0\0\0\0\0\x90\xef\xff\xff\x88\0\0\0", 4, record));
	/* No catalogue, no record, no file. */
	assert_false(needs_uefi("\2\xef\0\0\x88\0\0\0", 2, record));
	assert_false(needs_uefi("\1\xef\0\0\x88\0\0\0", 2, "\0CD001\1EL TORITO SPECIFICATIOX"));
	assert_false(look(-1).needs_uefi);
}

/* A PC has a BIOS, and what is for UEFI alone does not say it here: there is no such program. */
static void test_what_it_is_for(ATTR_UNUSED void **state)
{
	static const char record[] = "\0CD001\1EL TORITO SPECIFICATION";

	assert_string_equal(look_at("\1\0\0\0\x88\0\0\0", 2, record).arch, "amd64");
	assert_string_equal(
		look_at("\1\0\0\0\x88\0\0\0\x91\xef\1\0\x88\0\0\0", 4, record).arch, "amd64");
	assert_null(look_at("\1\xef\0\0\x88\0\0\0", 2, record).arch);
	assert_null(look_at("\1\0\0\0\0\0\0\0", 2, record).arch);
	assert_null(look(-1).arch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_what_it_is_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
