/* SPDX-License-Identifier: Apache-2.0 */
/* Where things are in an image; tests/cli/test_secure_boot.py asks other programs. */
#include "check.h"

#include "base/mem.h"
#include "base/str.h"
#include "boot/pe.h"
#include "boot/uki.h"
#include "stub.h"

enum { INITRD_SIZE = 1000, KERNEL_SIZE = 5000 };

static void put(struct extents *to, const void *bytes, size_t size)
{
	struct werr *err = NULL;

	to->size = size;
	assert_ok(extents_add_bytes(to, 0, bytes, size, &err), err);
}

/* An image as bytes, and what its headers say. */
struct image {
	unsigned char *bytes;
	size_t size;
	struct pe pe;
	struct uki_places places;
};

static void image_cleanup(struct image *i)
{
	free(i->bytes);
}

static int make(
	const void *stub, size_t size, const char *cmdline, struct image *ret, struct werr **err)
{
	static const char initrd[INITRD_SIZE] = {'i'}, kernel[KERNEL_SIZE] = {'k'};
	CLEANUP(uki_parts)
	struct uki_parts p = {.stub = stub,
		.stub_size = size,
		.machine = STUB_MACHINE,
		.os_release = "ID=wherry\n",
		.uname = "6.1",
		.cmdline = cmdline};
	CLEANUP(extents) struct extents image = {0};
	int r;

	put(&p.initrd, initrd, sizeof(initrd));
	put(&p.kernel, kernel, sizeof(kernel));
	r = uki_layout(&p, &image, &ret->places, err);
	if (r < 0)
		return r;
	ret->size = (size_t)image.size;
	ret->bytes = mem_alloc(ret->size);
	assert_ok(extents_read(&image, 0, ret->bytes, ret->size, err), *err);
	return pe_parse(ret->bytes, ret->size, &ret->pe, err);
}

static const struct {
	const char *name;
	uint32_t size, rva, raw, at;
	const char *begin;
} sections[] = {
	{".text", 0x1f0, 0x1000, 0x200, 0x400, "tttt"},
	{".sbat", 0x20, 0x2000, 0x200, 0x600, "ssss"},
	{".osrel", 10, 0x3000, 0x200, 0x800, "ID=wherry\n"},
	{".cmdline", 7, 0x4000, 0x200, 0xa00, "console"},
	{".uname", 3, 0x5000, 0x200, 0xc00, "6.1"},
	{".initrd", INITRD_SIZE, 0x6000, 0x400, 0xe00, "i"},
	{".linux", KERNEL_SIZE, 0x7000, 0x1400, 0x1200, "k"},
};

/* Whatever the stub's ImageBase: 0 in systemd 252, but not in 257. */
static void test_sections_are_where_they_should_be(ATTR_UNUSED void **state)
{
	static const uint64_t bases[] = {0, 0x14df90000};

	for (size_t b = 0; b < ARRAY_SIZE(bases); b++) {
		CLEANUP(image) struct image image = {0};
		unsigned char stub[STUB_SIZE];
		struct werr *err = NULL;

		/* As 252 and 257 have it. */
		stub_make(stub, bases[b] ? 0x1000 : 0x200, bases[b]);
		assert_ok(make(stub, sizeof(stub), "console", &image, &err), err);
		assert_ok(pe_check(&image.pe, image.size, &err), err);
		assert_int_equal(image.pe.n, ARRAY_SIZE(sections));
		for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
			const struct pe_section *s = &image.pe.sections[i];

			assert_string_equal(s->name, sections[i].name);
			assert_int_equal(s->size, sections[i].size);
			assert_int_equal(s->rva, sections[i].rva);
			assert_int_equal(s->raw, sections[i].raw);
			assert_int_equal(s->at, sections[i].at);
			assert_memory_equal(
				image.bytes + s->at, sections[i].begin, strlen(sections[i].begin));
		}
		assert_int_equal(image.size, 0x2600);
		assert_int_equal(le64_get(image.bytes + STUB_OPTIONAL + 24), bases[b]);
	}
}

static void test_the_headers_say_what_was_added(ATTR_UNUSED void **state)
{
	CLEANUP(image) struct image image = {0};
	unsigned char stub[STUB_SIZE];
	const unsigned char *optional;
	struct werr *err = NULL;

	stub_make(stub, 0x200, 0);
	assert_ok(make(stub, sizeof(stub), "console", &image, &err), err);
	optional = image.bytes + STUB_OPTIONAL;
	assert_int_equal(le32_get(optional + 4), 0x200 + 0x1400);
	assert_int_equal(le32_get(optional + 8), 0x200 + 3 * 0x200 + 0x400);
	assert_int_equal(le32_get(optional + 56), 0x7000 + 0x1400); /* SizeOfImage */
	assert_int_equal(le32_get(optional + 60), STUB_HEADERS);
	assert_int_equal(le32_get(optional + 64), 0);
	/* Readable; data but for the kernel. */
	assert_int_equal(le32_get(image.bytes + STUB_SECTIONS + 2 * 40 + 36), 0x40000040);
	assert_int_equal(le32_get(image.bytes + STUB_SECTIONS + 6 * 40 + 36), 0x40000020);
}

static void test_the_places_are_at_whole_sectors(ATTR_UNUSED void **state)
{
	CLEANUP(image) struct image image = {0};
	unsigned char stub[STUB_SIZE];
	struct werr *err = NULL;

	stub_make(stub, 0x1000, 0);
	/* Without its padding, and with symbols behind it. */
	stub_put_section(stub, 1, ".sbat", 0x20, 0x2000, 0x23, 0x600);
	assert_ok(make(stub, sizeof(stub), "console", &image, &err), err);
	assert_int_equal(image.places.initrd.at, 0xe00);
	assert_int_equal(image.places.initrd.size, INITRD_SIZE);
	assert_int_equal(image.places.kernel.at, 0x1200);
	assert_int_equal(image.places.kernel.size, KERNEL_SIZE);
	assert_int_equal(image.pe.sections[1].raw, 0x200);
	assert_memory_equal(image.bytes + 0x620, "sss\0\0\0", 6);
}

static const struct {
	const char *cmdline, *text;
} cmdlines[] = {
	{"console=ttyS0 quiet", "console=ttyS0 quiet"},
	{"console=ttyS0\nquiet\tro\r\nrw", "console=ttyS0 quiet ro  rw"},
	{"", " "},
};

static void test_a_command_line_is_one_line_and_never_missing(ATTR_UNUSED void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(cmdlines); i++) {
		CLEANUP(image) struct image image = {0};
		unsigned char stub[STUB_SIZE];
		struct werr *err = NULL;
		const struct pe_section *s;

		stub_make(stub, 0x1000, 0);
		assert_ok(make(stub, sizeof(stub), cmdlines[i].cmdline, &image, &err), err);
		s = pe_find(&image.pe, ".cmdline");
		assert_non_null(s);
		assert_int_equal(s->size, strlen(cmdlines[i].text));
		assert_memory_equal(image.bytes + s->at, cmdlines[i].text, s->size);
	}
}

/* A number of the stub's headers that makes it unusable. */
static const struct {
	size_t at;
	uint16_t value;
	const char *message;
} wrong[] = {
	{0, 0, "no program for UEFI"},
	{STUB_FILE, 0xaa64, "another architecture"},
	{STUB_FILE + 2, 0, "no sections"},
	{STUB_OPTIONAL + 68, 11, "no UEFI application"},
	{STUB_OPTIONAL + 144, 1, "signed already"},
	{STUB_SECTIONS + 20, 0x600, "the stub of a unified kernel image: its section .text"},
};

static void test_a_stub_that_does_not_do(ATTR_UNUSED void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		CLEANUP(image) struct image image = {0};
		unsigned char stub[STUB_SIZE];
		struct werr *err = NULL;

		stub_make(stub, 0x1000, 0);
		le16_put(stub + wrong[i].at, wrong[i].value);
		assert_fails(make(stub, sizeof(stub), "", &image, &err), err, WERR_INVALID,
			wrong[i].message);
	}
}

static void test_a_stub_without_room(ATTR_UNUSED void **state)
{
	CLEANUP(image) struct image image = {0};
	unsigned char stub[STUB_SIZE];
	struct werr *err = NULL;

	stub_make(stub, 0x1000, 0);
	stub_put_section(stub, 1, ".linux\0\0", 0x20, 0x2000, 0x200, 0x600);
	assert_fails(make(stub, sizeof(stub), "", &image, &err), err, WERR_INVALID,
		"such sections already");
	/* Four more would be in what is the headers' place. */
	stub_make(stub, 0x1000, 0);
	le32_put(stub + STUB_OPTIONAL + 60, 0x200);
	stub_put_section(stub, 0, ".text", 0x1f0, 0x1000, 0x200, 0x200);
	stub_put_section(stub, 1, ".sbat", 0x20, 0x2000, 0x200, 0x400);
	assert_fails(make(stub, sizeof(stub), "", &image, &err), err, WERR_INVALID, "no room");
}

static void test_an_image_has_less_than_4_gib(ATTR_UNUSED void **state)
{
	CLEANUP(uki_parts)
	struct uki_parts p = {.machine = STUB_MACHINE,
		.cmdline = "",
		.initrd.size = 3ULL << 30,
		.kernel.size = 1ULL << 30};
	CLEANUP(extents) struct extents image = {0};
	unsigned char stub[STUB_SIZE];
	struct uki_places places;
	struct werr *err = NULL;

	stub_make(stub, 0x1000, 0);
	p.stub = stub;
	p.stub_size = sizeof(stub);
	assert_fails(uki_layout(&p, &image, &places, &err), err, WERR_LIMIT, "4 GiB");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sections_are_where_they_should_be),
		cmocka_unit_test(test_the_headers_say_what_was_added),
		cmocka_unit_test(test_the_places_are_at_whole_sectors),
		cmocka_unit_test(test_a_command_line_is_one_line_and_never_missing),
		cmocka_unit_test(test_a_stub_that_does_not_do),
		cmocka_unit_test(test_a_stub_without_room),
		cmocka_unit_test(test_an_image_has_less_than_4_gib),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
