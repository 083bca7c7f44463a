/* SPDX-License-Identifier: Apache-2.0 */
/* What crypto is asked for, and what it takes for empty; files stand in for devices. */
#include "check.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "tools/crypto.h"

enum { MIB = 1 << 20, SIZE = 8 * MIB };

/* ---- the command line ---- */

static void test_arguments(ATTR_UNUSED void **state)
{
	static const struct {
		const char *line, *key, *pcrs;
		bool luks;
	} cases[] = {
		{"crypto crypt_dev /dev/sda1", "/etc/dm-crypt/key", "7", false},
		{"crypto -l data /dev/loop0", "/etc/dm-crypt/key", "7", true},
		{"crypto --luks --key-file other data /dev/sda1", "/etc/dm-crypt/other", "7", true},
		{"crypto -k /var/key data UUID=12", "/var/key", "7", false},
		{"crypto -tpm data /dev/vda1", NULL, "7", false},
		{"crypto -tpm -tpm-pcrs 0,2,7 data /dev/vda1", NULL, "0,2,7", false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(strv) struct strv argv = {0}, words = {0};
		struct crypto c = {0};
		struct werr *err = NULL;

		strv_split(&argv, cases[i].line, ' ');
		assert_ok(crypto_parse((int)argv.n, argv.items, &words, &c, &err), err);
		assert_string_equal(c.name, words.items[0]);
		assert_string_equal(c.device, words.items[1]);
		assert_string_equal(c.pcrs, cases[i].pcrs);
		assert_int_equal(c.luks, cases[i].luks);
		assert_int_equal(!c.key, !cases[i].key);
		if (c.key)
			assert_string_equal(c.key, cases[i].key);
		crypto_cleanup(&c);
	}
}

static void test_mistakes(ATTR_UNUSED void **state)
{
	static const struct {
		const char *line, *message;
	} cases[] = {
		{"crypto data", "a name and a device are needed, and there are 1 words"},
		{"crypto data /dev/vda1 more", "there are 3 words"},
		{"crypto ../data /dev/vda1", "can't be the name of a mapping"},
		{"crypto control /dev/vda1", "can't be the name of a mapping"},
		{"crypto data vda1", "'vda1' is not a device"},
		{"crypto -tpm -k key data /dev/vda1", "not in both"},
		{"crypto -tpm-pcrs 7 data /dev/vda1", "-tpm-pcrs is for -tpm"},
		{"crypto -tpm -tpm-pcrs sha1:7 data /dev/vda1", "is not a list such as 0,2,7"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(strv) struct strv argv = {0}, words = {0};
		struct crypto c = {0};
		struct werr *err = NULL;

		strv_split(&argv, cases[i].line, ' ');
		assert_fails(crypto_parse((int)argv.n, argv.items, &words, &c, &err), err,
			WERR_USAGE, cases[i].message);
		crypto_cleanup(&c);
	}
}

/* ---- what is on a device ---- */

static enum crypto_state look(
	const void *bytes, size_t size, off_t at, char what[static DISKSTATE_WHAT])
{
	enum crypto_state ret = CRYPTO_OTHER;
	char path[] = "/tmp/wherry-crypto-XXXXXX";
	struct werr *err = NULL;
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, SIZE), 0);
	assert_int_equal(pwrite(fd, bytes, size, at), size);
	close(fd);
	assert_ok(crypto_look(path, &ret, what, &err), err);
	unlink(path);
	return ret;
}

static void test_only_zeros_are_empty(ATTR_UNUSED void **state)
{
	static const struct {
		off_t at;
		const char *bytes, *what;
		enum crypto_state is;
	} cases[] = {
		{0, "", "", CRYPTO_EMPTY},
		{3 * MIB, "x", "", CRYPTO_EMPTY}, /* only the ends are looked at */
		{0, "x", "something unknown", CRYPTO_OTHER},
		{2 * MIB - 1, "x", "something unknown", CRYPTO_OTHER},
		{SIZE - 1, "x", "something unknown", CRYPTO_OTHER},
		{0, "LUKS\xba\xbe", "LUKS", CRYPTO_LUKS},
		{1, "LUKS\xba\xbe", "something unknown", CRYPTO_OTHER},
		{510, "\x55\xaa", "an MBR", CRYPTO_OTHER},
		/* Not even a device, which can't be mounted. */
		{1080, "\x53\xef", "a file system (ext4)", CRYPTO_OTHER},
		{0, "XFSB", "a file system (xfs)", CRYPTO_OTHER},
	};
	char what[DISKSTATE_WHAT];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(look(cases[i].bytes, strlen(cases[i].bytes), cases[i].at, what),
			cases[i].is);
		if (cases[i].is != CRYPTO_EMPTY)
			assert_non_null(strstr(what, cases[i].what));
	}
}

static void test_what_crypto_itself_leaves(ATTR_UNUSED void **state)
{
	unsigned char sector[PARTTABLE_SIZE];
	char what[DISKSTATE_WHAT];

	diskstate_mark(DISKSTATE_CRYPTO, sector);
	assert_int_equal(look(sector, sizeof(sector), 0, what), CRYPTO_UNFINISHED);
	assert_string_equal(what, diskstate_crypto);
	sector[sizeof(sector) - 1] = 1;
	assert_int_equal(look(sector, sizeof(sector), 0, what), CRYPTO_OTHER);
	diskstate_mark(DISKSTATE_FORMAT, sector);
	assert_int_equal(look(sector, sizeof(sector), 0, what), CRYPTO_OTHER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_only_zeros_are_empty),
		cmocka_unit_test(test_what_crypto_itself_leaves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
