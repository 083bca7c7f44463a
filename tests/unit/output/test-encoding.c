/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdlib.h>

#include "../tree/layer-maker.h"
#include "buf-writer.h"
#include "output/encoding.h"

enum { OUT_MAX = 64 << 10, CPIO_HEADER = 110, CPIO_NAME_SIZE = 94 };

#define CAPABLE .pax = "SCHILY.xattr.security.capability=x\n"

static struct tree *make_tree(const struct item *items)
{
	struct tree *t = NULL;
	struct werr *err = NULL;

	assert_ok(tree_new(&t, "/tmp", &err), err);
	assert_ok(apply_items(t, items, &err), err);
	return t;
}

static void run(const struct encoding *e, const struct part_content *c, struct buf *ret)
{
	struct buf_writer to = BUF_WRITER(ret);
	struct werr *err = NULL;

	assert_true(!e->is_there || e->is_there(e, c));
	assert_ok(encoding_run(e, c, &to.writer, &err), err);
	assert_int_equal(buf_error(ret), 0);
}

/* The names in a cpio, with spaces in between, up to its end; owned by the caller. */
static char *list_cpio(const struct buf *b)
{
	CLEANUP(strv) struct strv names = {0};
	size_t at = 0;

	while (at < b->len) {
		CLEANUP(free) char *size = str_dup_n(b->data + at + CPIO_NAME_SIZE, 8);
		CLEANUP(free) char *bytes = str_dup_n(b->data + at + 54, 8);
		const char *name = b->data + at + CPIO_HEADER;

		if (str_eq(name, "TRAILER!!!"))
			break;
		strv_add(&names, name);
		at = (at + CPIO_HEADER + strtoul(size, NULL, 16) + 3) / 4 * 4;
		at = (at + strtoul(bytes, NULL, 16) + 3) / 4 * 4;
	}
	assert_true(at < b->len);
	return strv_join(&names, " ");
}

/* The same of a tar without an end. */
static char *list_tar(const struct buf *b)
{
	CLEANUP(strv) struct strv names = {0};
	size_t at = 0;

	while (at < b->len) {
		struct ustar h;
		uint64_t size;

		memcpy(&h, b->data + at, sizeof(h));
		assert_true(ustar_is_intact(&h));
		assert_true(ustar_get_number(h.size, sizeof(h.size), &size));
		strv_add(&names, h.name);
		at += sizeof(h) + (size_t)size + tar_padding(size);
	}
	assert_int_equal(at, b->len);
	return strv_join(&names, " ");
}

#define NOTHING              \
	{                    \
		{            \
			NULL \
		}            \
	}

static const struct {
	const char *what;
	struct item items[8], files[4]; /* of the tree; and of an image's files, if it has some */
	struct part_content content;
	const char *cpio, *tar;
} archives[] = {
	{"what is in boot/ belongs to the boot loader",
		{{"boot/", '5'}, {"boot/kernel", 0, "k"}, {"bootx"}}, NOTHING, {.prefix = NULL},
		"boot bootx", "boot/ boot/kernel bootx"},
	{"with the root", {{"a"}}, NOTHING, {.with_root = true}, ". a", "./ a"},
	{"an image's files at their prefix", {{"c/s/", '5'}, {"c/s/config.json", 0, "{}"}},
		{{"./", '5'}, {"f", 0, "f"}, {NULL}}, {.prefix = "c/s/lower"},
		"c c/s c/s/config.json c/s/lower c/s/lower/f",
		"c/ c/s/ c/s/config.json c/s/lower/ c/s/lower/f"},
	{"which an earlier tar has in the same tree, come last as well",
		{{"c/s/lower/f", 0, "f"}, {"c/s/runtime.json", 0, "{}"}}, NOTHING,
		{.prefix = "c/s/lower"}, "c c/s c/s/runtime.json c/s/lower c/s/lower/f",
		"c/ c/s/ c/s/runtime.json c/s/lower/ c/s/lower/f"},
	{"directories that an earlier tar did not have", {{"c/s/f"}}, NOTHING,
		{.explicit_only = true}, "c c/s c/s/f", "c/s/f"},
	{"directories that are in earlier parts", {{"c/s/f"}}, NOTHING, {.without_dirs = true},
		"c/s/f", "c/s/f"},
	{"names that another part has in the same tar",
		{{"boot/", '5'}, {"c/s/", '5'}, {"c/sx/", '5'}, {"usr/sbom"}, {"usr/x"}}, NOTHING,
		{.once = {.wanted = true, .has_boot = true, .dir = "c/s", .sbom = "usr/sbom"}},
		"boot c c/s c/sx usr usr/sbom usr/x", "c/s/ c/sx/ usr/ usr/x"},
	{"which LinuxKit has twice", {{"boot/", '5'}, {"c/s/", '5'}}, NOTHING,
		{.once = {.has_boot = true, .dir = "c/s"}}, "boot c c/s", "boot/ c/ c/s/"},
};

static void test_what_is_in_an_archive(ATTR_UNUSED void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(archives); i++) {
		CLEANUP(tree) struct tree *t = make_tree(archives[i].items);
		CLEANUP(tree) struct tree *files = make_tree(archives[i].files);
		CLEANUP(buf) struct buf cpio = BUF_INIT(OUT_MAX), tar = BUF_INIT(OUT_MAX);
		CLEANUP(free) char *in_cpio = NULL;
		CLEANUP(free) char *in_tar = NULL;
		struct part_content c = archives[i].content;

		c.tree = t;
		c.files = archives[i].files[0].name ? files : NULL;
		run(&encoding_initrd, &c, &cpio);
		run(&encoding_tar, &c, &tar);
		in_cpio = list_cpio(&cpio);
		in_tar = list_tar(&tar);
		if (!str_eq(in_cpio, archives[i].cpio) || !str_eq(in_tar, archives[i].tar))
			fail_msg("%s: '%s', '%s'", archives[i].what, in_cpio, in_tar);
	}
}

static void test_an_initrd_is_compressed_as_the_content_says(ATTR_UNUSED void **state)
{
	static const struct item items[] = {{"a", 0, "text"}, {NULL}};
	CLEANUP(tree) struct tree *t = make_tree(items);

	for (enum codec codec = 0; codec < CODECS; codec++) {
		struct part_content c = {.tree = t, .compression = {codec, 0}};
		CLEANUP(buf) struct buf packed = BUF_INIT(OUT_MAX), unpacked = BUF_INIT(OUT_MAX);
		struct buf_writer to = BUF_WRITER(&unpacked);
		CLEANUP(reader) struct reader *r = NULL;
		CLEANUP(free) char *names = NULL;
		struct werr *err = NULL;

		run(&encoding_initrd, &c, &packed);
		assert_ok(decompress_wide_reader_new(
				  mem_reader_new(packed.data, packed.len), "initrd", &r, &err),
			err);
		assert_ok(io_copy(r, &to.writer, NULL, &err), err);
		names = list_cpio(&unpacked);
		assert_string_equal(names, "a");
		if (codec != CODEC_NONE)
			assert_string_equal(
				codec_detect(packed.data, packed.len), codec_name(codec));
	}
}

static const struct {
	struct item items[8], files[4];
	const char *names; /* NULL: nothing is lost */
} losses[] = {
	{{{"a"}, {"b", .pax = "SCHILY.xattr.user.x=y\n"}}, NOTHING, NULL},
	{{{"bin/ping", CAPABLE}}, NOTHING, ": bin/ping is without"},
	{{{"a", CAPABLE}, {"b", CAPABLE}}, NOTHING, ": a, b are without"},
	{{{"a"}}, {{"bin/ping", CAPABLE}, {NULL}}, ": c/lower/bin/ping is without"},
	{{{"a", CAPABLE}}, {{"b", CAPABLE}, {NULL}}, ": a, c/lower/b are without"},
	{{{"a", CAPABLE}, {"b", CAPABLE}, {"c", CAPABLE}, {"d", CAPABLE}, {"e", CAPABLE}}, NOTHING,
		": a, b, c and 2 more are without"},
};

static void test_capabilities_that_an_initrd_loses_are_named(ATTR_UNUSED void **state)
{
	const struct encoding *e = &encoding_losses;

	for (size_t i = 0; i < ARRAY_SIZE(losses); i++) {
		CLEANUP(tree) struct tree *t = make_tree(losses[i].items);
		CLEANUP(tree) struct tree *files = make_tree(losses[i].files);
		CLEANUP(buf) struct buf text = BUF_INIT(OUT_MAX);
		const struct part_content c = {.tree = t,
			.files = losses[i].files[0].name ? files : NULL,
			.prefix = "c/lower"};

		assert_int_equal(e->is_there(e, &c), losses[i].names != NULL);
		if (!losses[i].names)
			continue;
		run(e, &c, &text);
		if (!strstr(buf_str(&text), losses[i].names))
			fail_msg("'%s' has no '%s'", buf_str(&text), losses[i].names);
	}
}

static void test_attributes_that_a_squashfs_loses_are_named(ATTR_UNUSED void **state)
{
	static const struct item held[] = {{"a", CAPABLE}, {"b", .pax = "SCHILY.xattr.user.x=y\n"},
		{NULL}},
				 lost[] = {{"a", CAPABLE},
					 {"b", .pax = "SCHILY.xattr.system.posix_acl_access=y\n"},
					 {"c", .pax = "SCHILY.xattr.user.=y\n"}, {NULL}};
	const struct encoding *e = &encoding_squashfs_losses;
	CLEANUP(tree) struct tree *all = make_tree(held);
	CLEANUP(tree) struct tree *some = make_tree(lost);
	CLEANUP(buf) struct buf text = BUF_INIT(OUT_MAX);

	assert_false(e->is_there(e, &(struct part_content){.tree = all}));
	assert_true(e->is_there(e, &(struct part_content){.tree = some}));
	run(e, &(struct part_content){.tree = some}, &text);
	assert_non_null(strstr(buf_str(&text), ": b, c are without the others"));
}

static void test_files_of_boot_are_copied_where_they_are(ATTR_UNUSED void **state)
{
	static const struct item items[] = {{"boot/kernel", 0, "a kernel"}, {"boot/cmdline", '5'},
		{"x"}, {"boot/ucode.cpio", '2', "../x"}, {NULL}};
	CLEANUP(tree) struct tree *t = make_tree(items);
	CLEANUP(buf) struct buf out = BUF_INIT(OUT_MAX);
	const struct part_content c = {.tree = t};

	run(&encoding_kernel, &c, &out);
	assert_string_equal(buf_str(&out), "a kernel");
	assert_false(encoding_cmdline.is_there(&encoding_cmdline, &c));
	assert_false(encoding_ucode.is_there(&encoding_ucode, &c));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_in_an_archive),
		cmocka_unit_test(test_an_initrd_is_compressed_as_the_content_says),
		cmocka_unit_test(test_capabilities_that_an_initrd_loses_are_named),
		cmocka_unit_test(test_attributes_that_a_squashfs_loses_are_named),
		cmocka_unit_test(test_files_of_boot_are_copied_where_they_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
