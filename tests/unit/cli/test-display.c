/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/io.h"
#include "base/log.h"
#include "base/mem.h"
#include "cli/display.h"

/* What is shown of one step and two log lines. */
static char *show(const struct global_options *options)
{
	CLEANUP(reader) struct reader *r = NULL;
	CLEANUP(werr) struct werr *err = NULL;
	char *text = NULL;
	size_t size;
	int fd;

	assert_ok(file_open_unnamed("/tmp", &fd, &err), err);
	{
		static const struct called called = {.name = "linuxkit", .cache = "c"};
		CLEANUP(display) struct display *d = display_new(fd, options, &called);
		const struct progress *p = display_progress(d);

		log_warning("careful: wherry cache ls");
		progress_report(p, PROGRESS_BEGIN, "part", "kernel", 0, 2048);
		progress_report(p, PROGRESS_ADVANCE, "part", "kernel", 1024, 2048);
		log_info("a step");
		log_detail("a program");
		progress_report(p, PROGRESS_END, "part", "kernel", 2048, 2048);
	}
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	r = fd_reader_new(fd, FD_OWNED, "shown");
	assert_ok(reader_read_all(r, 1 << 20, &text, &size, &err), err);
	return text;
}

static void test_lines_in_a_log(ATTR_UNUSED void **state)
{
	CLEANUP(free) char *normal = show(&(struct global_options){.verbose = 1});
	CLEANUP(free) char *detailed = show(&(struct global_options){.verbose = 2});
	CLEANUP(free) char *warnings = show(&(struct global_options){.verbose = 0});
	CLEANUP(free) char *quiet = show(&(struct global_options){.quiet = true, .verbose = 1});

	assert_string_equal(normal,
		"warning: careful: linuxkit cache ls --cache c\na step\npart kernel: 2.0 KiB\n");
	assert_string_equal(detailed,
		"warning: careful: linuxkit cache ls --cache c\na step\na program\n"
		"part kernel: 2.0 KiB\n");
	assert_string_equal(warnings, "warning: careful: linuxkit cache ls --cache c\n");
	assert_string_equal(quiet, "");
}

static void test_json_for_programs(ATTR_UNUSED void **state)
{
	CLEANUP(free) char *text = show(&(struct global_options){.json = true, .verbose = 1});

	assert_non_null(strstr(text,
		"{\"log\":\"careful: linuxkit cache ls --cache c\",\"level\":\"warning\"}\n"));
	assert_non_null(strstr(text,
		"{\"progress\":\"end\",\"what\":\"part\",\"name\":\"kernel\",\"done\":2048,"
		"\"total\":2048}\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines_in_a_log),
		cmocka_unit_test(test_json_for_programs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
