/* SPDX-License-Identifier: Apache-2.0 */
/* What GRUB is told, and which command lines are refused. */
#include "check.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "boot/grub-config.h"

static void assert_linux(const char *cmdline, const char *words)
{
	CLEANUP(buf) struct buf b = BUF_INIT(GRUB_CONFIG_MAX);
	CLEANUP(free) char *expected = str_printf("linux /kernel%s\nboot\n", words);
	struct werr *err = NULL;

	assert_ok(grub_config_add(&b, &(struct grub_config){"/kernel", NULL, cmdline}, &err), err);
	assert_string_equal(buf_str(&b), expected);
}

static void test_all_of_it(ATTR_UNUSED void **state)
{
	const struct grub_config c = {
		"2048+27716", "29764+8794", "console=tty0 console=ttyS0 quiet"};
	CLEANUP(buf) struct buf b = BUF_INIT(GRUB_CONFIG_MAX);
	struct werr *err = NULL;

	assert_ok(grub_config_add(&b, &c, &err), err);
	assert_string_equal(buf_str(&b), "serial --unit=0 --speed=9600\n"
					 "terminal_output console serial\n"
					 "linux 2048+27716 'console=tty0' 'console=ttyS0' 'quiet'\n"
					 "initrd 29764+8794\n"
					 "boot\n");
}

/* GRUB puts quotes around each word with a space. */
static void test_words(ATTR_UNUSED void **state)
{
	assert_linux("", "");
	assert_linux(" \n\t", "");
	assert_linux("a  b\nc\td ", " 'a' 'b' 'c' 'd'");
	assert_linux("a=\"b c\" d", " 'a=b c' 'd'");
	assert_linux("\"a=b c\" d", " 'a=b c' 'd'");
	assert_linux("\"a b\"", " 'a b'");
	assert_linux("a=\"b\"", " 'a=b'");
	assert_linux("a=\"b c", " 'a=b c'");
	assert_linux("a=\"\"", " 'a='");
	assert_linux("a=\" \"", " 'a= '");
	assert_linux("a=b=c -- d", " 'a=b=c' '--' 'd'");
	/* What GRUB's language would use otherwise. */
	assert_linux("$a ${b};c {d} #e *?[f] |g &h <i> ~j !k %l `m` (hd0)",
		" '$a' '${b};c' '{d}' '#e' '*?[f]' '|g' '&h' '<i>' '~j' '!k' '%l' '`m`' '(hd0)'");
	assert_linux("n=\xc3\xa9", " 'n=\xc3\xa9'");
}

static void test_what_grub_would_change(ATTR_UNUSED void **state)
{
	static const char *const cmdlines[] = {"a\\b", "it's", "a=b\"c d\"e", "a=\"b\"c d\"",
		"\"\"", "a=\"b\tc\"", "a=\"b\nc\"", "a\"b c\"", "ok \"", "=\"a b\""};
	CLEANUP(buf) struct buf b = BUF_INIT(GRUB_CONFIG_MAX);
	struct werr *err = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(cmdlines); i++) {
		const struct grub_config c = {"/kernel", NULL, cmdlines[i]};

		assert_fails(grub_config_add(&b, &c, &err), err, WERR_INVALID, "can't hand on");
	}
	assert_int_equal(b.len, 0);
}

/* "BOOT_IMAGE=/kernel " has 19 bytes, the line 2047. */
static void test_long_lines(ATTR_UNUSED void **state)
{
	CLEANUP(buf) struct buf b = BUF_INIT(GRUB_CONFIG_MAX);
	struct werr *err = NULL;
	char line[2030];
	const struct grub_config c = {"/kernel", NULL, line};

	memset(line, 'x', sizeof(line));
	line[2028] = '\0';
	assert_ok(grub_config_add(&b, &c, &err), err);
	line[2028] = 'x';
	line[2029] = '\0';
	assert_fails(grub_config_add(&b, &c, &err), err, WERR_LIMIT, "has 2048 bytes");
	/* Words of one letter become the longest text. */
	for (size_t i = 1; i < 2028; i += 2)
		line[i] = ' ';
	line[2028] = '\0';
	assert_ok(grub_config_add(&b, &c, &err), err);
}

static void assert_serial(const char *cmdline, const char *command)
{
	CLEANUP(buf) struct buf b = BUF_INIT(GRUB_CONFIG_MAX);
	struct werr *err = NULL;

	assert_ok(grub_config_add(&b, &(struct grub_config){"/kernel", NULL, cmdline}, &err), err);
	if (command)
		assert_int_equal(strncmp(buf_str(&b), command, strlen(command)), 0);
	else
		assert_int_equal(strncmp(buf_str(&b), "linux ", 6), 0);
}

static void test_serial_ports(ATTR_UNUSED void **state)
{
	assert_serial(
		"console=ttyS0", "serial --unit=0 --speed=9600\nterminal_output console serial\n");
	assert_serial("console=tty1 console=ttyS1,115200n8", "serial --unit=1 --speed=115200\n");
	assert_serial("console=ttyS3,19200", "serial --unit=3 --speed=19200\n");
	assert_serial("console=ttyS2,300 console=ttyS1,9600", "serial --unit=1 --speed=9600\n");
	assert_serial("console=tty0", NULL);
	assert_serial("console=ttyS4", NULL);
	assert_serial("console=ttyS10", NULL);
	assert_serial("console=ttyS", NULL);
	assert_serial("console=ttyS0,1152000", NULL);
	assert_serial("console=ttyS0,9600e7", NULL);
	assert_serial("console=ttyAMA0", NULL);
	assert_serial("xconsole=ttyS0", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_of_it),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_what_grub_would_change),
		cmocka_unit_test(test_long_lines),
		cmocka_unit_test(test_serial_ports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
