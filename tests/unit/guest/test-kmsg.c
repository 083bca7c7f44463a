/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "tools/kmsg.h"

static void check(const char *record, uint64_t number, uint64_t microseconds, const char *text)
{
	/* Of this size, so that a read behind it is found. */
	CLEANUP(free) char *copy = mem_new_array(char, strlen(record));
	struct kmsg m;

	memcpy(copy, record, strlen(record));
	assert_int_equal(kmsg_parse(copy, strlen(record), &m), 0);
	assert_int_equal(m.number, number);
	assert_int_equal(m.microseconds, microseconds);
	assert_int_equal(m.size, strlen(text));
	assert_memory_equal(m.text, text, m.size);
}

static void test_records(ATTR_UNUSED void **state)
{
	check("6,339,5140900,-;NET: Registered protocol family 10\n", 339, 5140900,
		"NET: Registered protocol family 10");
	check("30,340,5690716,-,caller=T1;udevd[80]: a; b\n", 340, 5690716, "udevd[80]: a; b");
	check("4,1,0,-;", 1, 0, "");
	check("7,1,2,-;no end of a line", 1, 2, "no end of a line");
	check("7,160,424069,-;pci root: [mem 0xf0000000]\n SUBSYSTEM=acpi\n DEVICE=+acpi:PNP0A03\n",
		160, 424069, "pci root: [mem 0xf0000000]");
}

static void test_what_is_no_record(ATTR_UNUSED void **state)
{
	static const char *const wrong[] = {"", ";", "6,1;x\n", "6,1,2,-", "6,x,2,-;x\n",
		"6,,2,-;x\n", "6,1 ,2,-;x\n", "-6,1,2,-;x\n", "6,1,2x;x\n",
		"6,18446744073709551616,2,-;x\n"};
	struct kmsg m;

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_int_equal(kmsg_parse(wrong[i], strlen(wrong[i]), &m), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_what_is_no_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
