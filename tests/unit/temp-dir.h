/* SPDX-License-Identifier: Apache-2.0 */
/* A directory of a test's own: its state, char *. Made before it and removed after it. */
#ifndef WHERRY_TESTS_UNIT_TEMP_DIR_H
#define WHERRY_TESTS_UNIT_TEMP_DIR_H

#include "check.h"

#include <dirent.h>
#include <stdlib.h>

#include "base/file.h"

#define TEST_IN_DIR(test_) cmocka_unit_test_setup_teardown(test_, temp_dir_make, temp_dir_remove)

static inline int temp_dir_make(void **state)
{
	return file_temp_dir("/tmp", "wherry-test", (char **)state, NULL);
}

static inline int temp_dir_remove(void **state)
{
	int r = file_remove_all(*state, NULL);

	free(*state);
	return r;
}

/* How many entries a directory has. */
static inline size_t dir_entries(const char *path)
{
	DIR *dir = opendir(path);
	size_t n = 0;

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n - 2; /* . and .. */
}

#endif
