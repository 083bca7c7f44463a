/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <string.h>

#include "base/mem.h"
#include "cli/cli.h"
#include "cli/help.h"
#include "options/wrap.h"

static void check_width(const struct buf *b, const char *what)
{
	for (const char *line = buf_str(b); *line;) {
		size_t n = strcspn(line, "\n");

		if (n > WRAP_WIDTH)
			fail_msg("help of %s: %zu columns: %.*s", what, n, (int)n, line);
		line += n + (line[n] == '\n');
	}
}

static void test_all_help_fits_a_terminal(ATTR_UNUSED void **state)
{
	CLEANUP(buf) struct buf all = BUF_INIT(1 << 20);

	help_overview(&all, "");
	check_width(&all, "all");
	for (size_t i = 0; commands[i]; i++) {
		CLEANUP(buf) struct buf b = BUF_INIT(1 << 20);

		help_command(&b, commands[i]);
		check_width(&b, commands[i]->name);
		assert_non_null(strstr(buf_str(&b), commands[i]->summary));
		assert_true(commands[i]->hidden || strstr(buf_str(&all), commands[i]->name));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_help_fits_a_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
