/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "base/mem.h"
#include "probe/junit.h"

static void test_each_outcome(ATTR_UNUSED void **state)
{
	static char why[] = "a < \"b\" & c", tail[] = "\x1b[1m]]>\x01\xff\n";
	static char no[] = "no firmware";
	const struct probe_cell cells[] = {
		{"raw", "", "amd64", PROBE_BIOS, .outcome = PROBE_PASSED, .ms = 1234},
		{"raw", "erofs", "amd64", PROBE_UEFI, PROBE_FAILED, why, tail, .ms = 5},
		{"raw", "", "arm64", PROBE_UEFI, PROBE_SKIPPED, no},
	};
	CLEANUP(buf) struct buf out = BUF_INIT(1 << 16);

	probe_junit_write(&out, "t&t.yml", cells, 3);
	assert_string_equal(buf_str(&out),
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<testsuites tests=\"3\" failures=\"1\" errors=\"0\" skipped=\"1\" "
		"time=\"1.239\">\n"
		"  <testsuite name=\"t&amp;t.yml\" tests=\"3\" failures=\"1\" errors=\"0\" "
		"skipped=\"1\" time=\"1.239\">\n"
		"    <testcase classname=\"t&amp;t.yml\" name=\"raw bios amd64\" time=\"1.234\">"
		"</testcase>\n"
		"    <testcase classname=\"t&amp;t.yml\" name=\"raw erofs uefi amd64\" "
		"time=\"0.005\"><failure message=\"a &lt; &quot;b&quot; &amp; c\">"
		"\\x1b[1m]]&gt;\\x01\\xff\n</failure></testcase>\n"
		"    <testcase classname=\"t&amp;t.yml\" name=\"raw uefi arm64\" time=\"0.000\">"
		"<skipped message=\"no firmware\"/></testcase>\n"
		"  </testsuite>\n</testsuites>\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_outcome),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
