/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/io.h"
#include "base/mem.h"
#include "base/str.h"
#include "run/toolbox.h"

/* An ELF head with these kinds of segments behind it. */
static bool is_static(const uint32_t *types, uint16_t n, uint16_t said)
{
	CLEANUP(fd) int fd = memfd_create("elf", MFD_CLOEXEC);
	ElfW(Ehdr) head = {.e_ident = ELFMAG,
		.e_phoff = sizeof(head),
		.e_phentsize = sizeof(ElfW(Phdr)),
		.e_phnum = said};

	assert_int_equal(write(fd, &head, sizeof(head)), sizeof(head));
	for (unsigned i = 0; i < n; i++) {
		const ElfW(Phdr) segment = {.p_type = types[i]};

		assert_int_equal(write(fd, &segment, sizeof(segment)), sizeof(segment));
	}
	return toolbox_is_static(fd);
}

static void test_programs(ATTR_UNUSED void **state)
{
	static const uint32_t plain[] = {PT_LOAD, PT_NOTE}, linked[] = {PT_LOAD, PT_INTERP};
	CLEANUP(fd) int script = memfd_create("script", MFD_CLOEXEC);

	assert_true(is_static(plain, 2, 2));
	assert_false(is_static(linked, 2, 2));
	assert_false(is_static(plain, 0, 0));
	/* Cut off, and endless. */
	assert_false(is_static(plain, 2, 3));
	assert_false(is_static(plain, 2, 60000));
	assert_int_equal(write(script, "#!/bin/sh\n", 10), 10);
	assert_false(toolbox_is_static(script));
	assert_false(toolbox_is_static(-1));
}

static void test_commands(ATTR_UNUSED void **state)
{
	CLEANUP(strv) struct strv line = {0}, command = {0};

	strv_add(&command, "ls");
	strv_add(&command, "-l; x");
	toolbox_command(&line, &command);
	assert_string_equal(line.items[0], "/proc/self/fd/3/busybox");
	/* The words stay words: the shell sees none of them as its own language. */
	assert_string_equal(line.items[line.n - 2], "ls");
	assert_string_equal(line.items[line.n - 1], "-l; x");
	assert_null(strstr(line.items[3], "ls"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_programs),
		cmocka_unit_test(test_commands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
