/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "plan/kernel-config.h"
#include "buf-writer.h"
#include "codec/codec.h"

enum { KERNEL_MAX = 1 << 20, WINDOW = 256 * 1024 };

static struct kernel_facts scan(const struct buf *kernel)
{
	CLEANUP(reader) struct reader *r = mem_reader_new(kernel->data, kernel->len);
	struct kernel_facts f = {0};
	struct werr *err = NULL;

	assert_ok(kernel_scan(r, &f, &err), err);
	return f;
}

static void add_config(struct buf *to, const char *text)
{
	struct buf_writer out = BUF_WRITER(to);
	CLEANUP(writer) struct writer *w = NULL;
	struct werr *err = NULL;

	buf_puts(to, "IKCFG_ST");
	assert_ok(compress_writer_new(&out.writer, CODEC_GZIP, 0, &w, &err), err);
	assert_ok(writer_write(w, text, strlen(text), &err), err);
	assert_ok(writer_finish(w, &err), err);
	buf_puts(to, "IKCFG_ED");
}

/* Wherever in the windows that it is looked through by. */
static void test_every_place(ATTR_UNUSED void **state)
{
	static const char text[] = "CONFIG_A=y\nCONFIG_BLK_DEV_INITRD=y\n";

	for (size_t at = WINDOW - 80; at < WINDOW + 20; at += 3) {
		CLEANUP(buf)
		struct buf config = BUF_INIT(KERNEL_MAX), banner = BUF_INIT(KERNEL_MAX);
		struct kernel_facts f;

		buf_fill(&config, 'x', at);
		add_config(&config, text);
		buf_fill(&config, 'x', WINDOW);
		f = scan(&config);
		assert_non_null(f.config);
		assert_string_equal(f.config, text);
		kernel_facts_cleanup(&f);

		buf_fill(&banner, 'x', at);
		buf_puts(&banner, "Linux version 5.15.100-x (y) #1");
		buf_fill(&banner, 'x', at % 2 ? WINDOW : 0);
		f = scan(&banner);
		assert_null(f.config);
		assert_int_equal(f.major, 5);
		assert_int_equal(f.minor, 15);
	}
}

static void test_nothing(ATTR_UNUSED void **state)
{
	CLEANUP(buf) struct buf b = BUF_INIT(KERNEL_MAX);
	struct kernel_facts f = scan(&b);

	assert_null(f.config);
	assert_int_equal(f.major, 0);
	buf_puts(&b, "IKCFG_ST\x1f\x8b\x08 not gzip IKCFG_ED Linux version %s");
	f = scan(&b);
	assert_null(f.config);
	assert_int_equal(f.major, 0);
}

static void test_symbols(ATTR_UNUSED void **state)
{
	static const char text[] = "CONFIG_A=y\nCONFIG_B=m\n# CONFIG_C is not set\nXCONFIG_D=y\n"
				   "CONFIG_E=yes\nCONFIG_F=y";
	static const char *const no[] = {
		"CONFIG_B", "CONFIG_C", "CONFIG_D", "CONFIG_E", "CONFIG_G"};

	assert_true(kernel_config_has(text, "CONFIG_A"));
	assert_true(kernel_config_has(text, "CONFIG_F"));
	for (size_t i = 0; i < ARRAY_SIZE(no); i++)
		assert_false(kernel_config_has(text, no[i]));
}

static void test_versions(ATTR_UNUSED void **state)
{
	static const char *const bad[] = {"", "6", "6.", ".6", "x6.1", "0.1", "99999.1"};
	unsigned major = 0, minor = 0;

	assert_true(kernel_parse_version("6.12-rc1 (x)", &major, &minor));
	assert_int_equal(major, 6);
	assert_int_equal(minor, 12);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(kernel_parse_version(bad[i], &major, &minor));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_place),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_symbols),
		cmocka_unit_test(test_versions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
