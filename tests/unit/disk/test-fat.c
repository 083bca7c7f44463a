/* SPDX-License-Identifier: Apache-2.0 */
/* Names, records and sizes, and what is refused; test-fat-peers.py asks other programs. */
#include "check.h"

#include <string.h>

#include "base/endian.h"
#include "base/mem.h"
#include "base/str.h"
#include "disk/fat-impl.h"

enum { MIB = 1 << 20 };

/* A FAT with empty files of these names in its root; returns the records of the root. */
static const unsigned char *root_of(
	const char *const *names, size_t n, struct extents *ret, struct werr **err)
{
	struct fat_file files[20] = {{0}};
	struct fat f = {.files = files, .n = n, .label = "TEST", .time = 1492533001};

	assert_true(n <= ARRAY_SIZE(files));
	for (size_t i = 0; i < n; i++)
		files[i].path = names[i];
	assert_ok(fat_place(&f, err), *err);
	assert_ok(fat_put(&f, ret, err), *err);
	assert_int_equal(f.shape.bits, 16);
	for (size_t i = 0; i < ret->n; i++)
		if (ret->items[i].at == (f.shape.reserved + 2 * f.shape.table) * DISK_SECTOR)
			return ret->items[i].bytes;
	fail();
	return NULL;
}

/* What the name of each file becomes. */
static void test_short_names(ATTR_UNUSED void **state)
{
	static const struct {
		const char *name, *expected;
		bool is_long;
	} cases[] = {
		{"KERNEL", "KERNEL     ", false},
		{"BOOTX64.EFI", "BOOTX64 EFI", false},
		{"$%'-_@~`.!()", "$%'-_@~`!()", false},
		{"grub.cfg", "GRUB    CFG", true},
		{"Kernel.x", "KERNEL  X  ", true},
		{"initrd.img.gz", "INITRD~1GZ ", true},
		{"two words", "TWOWOR~2   ", true},
		{".hidden", "HIDDEN~3   ", true},
		{"longname.html", "LONGNA~4HTM", true},
		{"longname.htmx", "LONGNA~5HTM", true},
		{"LONGNA~6.HTM", "LONGNA~6HTM", false},
		{"longname.htmy", "LONGNA~7HTM", true},
		{"+,;=[]", "______~8   ", true},
		{"\xc3\xbc", "_~9        ", true},
		{".", "", false},
	};
	CLEANUP(extents) struct extents image = {0};
	const char *names[ARRAY_SIZE(cases)];
	struct werr *err = NULL;
	const unsigned char *p;
	size_t n = 0;

	for (; *cases[n].expected; n++)
		names[n] = cases[n].name;
	p = root_of(names, n, &image, &err);
	assert_memory_equal(p, "TEST       \x08", 12);
	p += FAT_RECORD;
	for (size_t i = 0; i < n; i++) {
		size_t skipped = 0;

		for (; p[11] == FAT_LONG; p += FAT_RECORD)
			skipped++;
		if (memcmp(p, cases[i].expected, FAT_SHORT) != 0 || cases[i].is_long != !!skipped)
			fail_msg("%s: %.11s after %zu records", cases[i].name, (const char *)p,
				skipped);
		p += FAT_RECORD;
	}
}

/* The records of a long name, and a time with its odd second. */
static void test_records(ATTR_UNUSED void **state)
{
	static const char *const names[] = {"The quick brown.fox", "0123456789abc"};
	/* The name in the example of the specification, 7. */
	static const unsigned char expected[] =
		"\x42w\0n\0.\0f\0o\0\x0f\0\x07x\0\0\0\xff\xff\xff\xff"
		"\xff\xff\xff\xff\0\0\xff\xff\xff\xff"
		"\1T\0h\0e\0 \0q\0\x0f\0\x07u\0i\0c\0k\0 \0b\0\0\0r"
		"\0o\0"
		"THEQUI~1FOX\x20\0\0\xc0\x83\x92J\x92J\0\0\xc0\x83"
		"\x92J\0\0\0\0\0\0";
	CLEANUP(extents) struct extents image = {0};
	struct werr *err = NULL;
	const unsigned char *p = root_of(names, 2, &image, &err) + FAT_RECORD;

	assert_memory_equal(p, expected, sizeof(expected) - 1);
	/* A name that fills its record has no end. */
	assert_memory_equal(p + 3 * FAT_RECORD + 28, "b\0c", 4);
	assert_int_equal(p[3 * FAT_RECORD], 0x41);
	assert_int_equal(p[4 * FAT_RECORD + 11], FAT_ARCHIVE);
}

static void assert_place(uint64_t content, uint64_t size, unsigned bits, uint32_t cluster)
{
	struct fat_file file = {.path = "a", .content.size = content};
	struct fat f = {.files = &file, .n = 1, .size = size};
	struct werr *err = NULL;

	assert_ok(fat_place(&f, &err), err);
	if (f.shape.bits != bits || f.shape.cluster != cluster)
		fail_msg("%llu bytes: FAT%u of clusters of %u", (unsigned long long)content,
			f.shape.bits, f.shape.cluster);
	assert_int_equal(file.at % (bits == 16 || cluster > 4096 ? 4096 : cluster), 0);
	assert_true(f.shape.total * DISK_SECTOR <= f.size);
	assert_true(file.at + content <= f.size);
	if (bits == 16)
		assert_in_range(f.shape.n_clusters, 4085 + 16, 65524 - 16);
	else
		assert_in_range(f.shape.n_clusters, 65525 + 16, 0x0ffffff5 - 16);
	if (!size)
		assert_int_equal(f.shape.total * DISK_SECTOR, f.size);
}

static void test_types(ATTR_UNUSED void **state)
{
	const uint64_t last16 = (uint64_t)(65508 - 512) * 512, gib = (uint64_t)1 << 30;

	assert_place(0, 0, 16, 512);
	assert_place(2 * MIB, 0, 16, 512);
	assert_place(last16, 0, 16, 512);
	assert_place(last16 + 1, 0, 32, 512);
	assert_place(70 * MIB, 0, 32, 1024);
	assert_place(300 * MIB, 0, 32, 4096);
	assert_place(FAT_FILE_MAX, 0, 32, 4096);
	assert_place(0, 3 * MIB, 16, 512);
	assert_place(0, 33 * MIB, 32, 512);
	assert_place(0, gib, 32, 4096);
	assert_place(FAT_FILE_MAX, 100 * gib, 32, 4096);
	assert_place(0, 1500 * gib, 32, 8192);
	/* Between the types: not all of it is used. */
	assert_place(0, (uint64_t)66400 * 512, 16, 512);
}

static void test_what_is_refused(ATTR_UNUSED void **state)
{
	static const char long_name[] =
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
	static const struct {
		const char *a, *b;
		uint64_t content, size;
		enum werr_kind kind;
		const char *part;
	} bad[] = {
		{"a:b", NULL, 0, 0, WERR_INVALID, "a name of 'a:b'"},
		{"a/b?", NULL, 0, 0, WERR_INVALID, "a name of 'b?'"},
		{"a\\b", NULL, 0, 0, WERR_INVALID, "a name of"},
		{"a\tb", NULL, 0, 0, WERR_INVALID, "a name of"},
		{"a.", NULL, 0, 0, WERR_INVALID, "a name of"},
		{"a ", NULL, 0, 0, WERR_INVALID, "a name of"},
		{"../a", NULL, 0, 0, WERR_INVALID, "a name of"},
		{".", NULL, 0, 0, WERR_INVALID, "a name of"},
		{"", NULL, 0, 0, WERR_INVALID, "a name of ''"},
		{"/a", NULL, 0, 0, WERR_INVALID, "a name of '/a'"},
		{"a//b", NULL, 0, 0, WERR_INVALID, "a name of 'a//b'"},
		{"a/", NULL, 0, 0, WERR_INVALID, "a name of 'a/'"},
		{"\xff", NULL, 0, 0, WERR_INVALID, "a name of"},
		{long_name, NULL, 0, 0, WERR_INVALID, "a name of"},
		{"EFI/a", "efi/A", 0, 0, WERR_EXISTS, "two files of a FAT are called 'efi/A'"},
		{"EFI", "efi/A", 0, 0, WERR_EXISTS, "can't have both 'EFI' and 'efi/A'"},
		{"efi/A", "EFI", 0, 0, WERR_EXISTS, "two files of a FAT are called 'EFI'"},
		{"a", NULL, FAT_FILE_MAX + 1, 0, WERR_LIMIT,
			"a has 4294967296 bytes: a file in a FAT has at most 4 GiB - 1"},
		{"a", NULL, 0, MIB, WERR_LIMIT,
			"a FAT of 1048576 bytes: its files need at least 2136576"},
		{"a", NULL, 20 * MIB, 20 * MIB, WERR_LIMIT, "its files need at least 21"},
		{"a", NULL, 0, (uint64_t)3 << 40, WERR_LIMIT, "more than 2 TiB"},
	};
	static struct fat_file many[FAT_FILES_MAX + 1];
	struct fat f = {.files = many, .n = ARRAY_SIZE(many)};
	struct werr *err = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct fat_file files[] = {
			{.path = bad[i].a, .content.size = bad[i].content}, {.path = bad[i].b}};

		f = (struct fat){.files = files, .n = bad[i].b ? 2 : 1, .size = bad[i].size};
		assert_fails(fat_place(&f, &err), err, bad[i].kind, bad[i].part);
	}
	f = (struct fat){.files = many, .n = ARRAY_SIZE(many)};
	assert_fails(fat_place(&f, &err), err, WERR_LIMIT, "10001 files");
	f = (struct fat){.label = "TWELVE CHARS"};
	assert_fails(fat_place(&f, &err), err, WERR_INVALID, "can't be called 'TWELVE CHARS'");
}

/* Many names that begin alike: each gets a short name of its own. */
static void test_many_files(ATTR_UNUSED void **state)
{
	enum { N = 3000 };
	static struct fat_file files[N];
	static char names[N][24];
	struct fat f = {.files = files, .n = N, .has_no_free_room = true};
	CLEANUP(fat_tree) struct fat_tree t = {0};
	CLEANUP(extents) struct extents image = {0};
	struct werr *err = NULL;

	for (size_t i = 0; i < N; i++) {
		str_format(names[i], sizeof(names[i]), "d/same beginning %zu", i);
		files[i] = (struct fat_file){.path = names[i], .content.size = 1};
	}
	assert_ok(fat_tree_make(&f, &t, &err), err);
	assert_memory_equal(t.entries[1].short_name, "SAMEBE~1   ", FAT_SHORT);
	assert_memory_equal(t.entries[N].short_name, "SAM~3000   ", FAT_SHORT);
	assert_ok(fat_place(&f, &err), err);
	assert_ok(fat_put(&f, &image, &err), err);
	assert_int_equal(f.shape.n_clusters, 4101);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_short_names),
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_what_is_refused),
		cmocka_unit_test(test_many_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
