/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include <stdlib.h>

#include "plan/whole.h"
#include "tar-of-plan.h"

enum { TEXT_MAX = 1 << 20 };

static void add_xattrs(struct buf *text, const struct tree_meta *m)
{
	for (uint32_t i = 0; i < m->n_xattrs; i++)
		buf_printf(text, " %s=%.*s", m->xattrs[i].name, (int)m->xattrs[i].size,
			(const char *)m->xattrs[i].value);
}

static int add_node(struct tree_node *n, const char *path, void *ctx, ATTR_UNUSED struct werr **err)
{
	struct buf *text = ctx;
	const struct tree_meta *m = &n->meta;

	buf_printf(text, "/%s %o %u:%u %lld", path, m->mode, m->uid, m->gid, (long long)m->mtime);
	if (n->target)
		buf_printf(text, " -> %s", n->target);
	if (S_ISREG(m->mode))
		buf_printf(text, " %llu bytes", (unsigned long long)n->file->size);
	if (n->file && n->file->links > 1)
		buf_printf(text, " %u links", n->file->links);
	add_xattrs(text, m);
	buf_putc(text, '\n');
	return 0;
}

/* A line for each node, with all that is known of it; owned by the caller. */
static char *list(const struct tree *t)
{
	CLEANUP(buf) struct buf text = BUF_INIT(TEXT_MAX);
	struct werr *err = NULL;

	assert_ok(tree_walk(t, add_node, &text, &err), err);
	return str_dup(buf_str(&text));
}

/* What unpacking the plan's tar gives, without the boot loader's files. */
static char *list_tar(const struct fixture *f, struct plan *p)
{
	CLEANUP(buf) struct buf tar = BUF_INIT(TAR_OF_PLAN_MAX);
	CLEANUP(reader) struct reader *r = NULL;
	CLEANUP(tree) struct tree *t = NULL;
	struct tree_node *boot;
	struct werr *err = NULL;

	tar_of_plan(p, &tar);
	r = mem_reader_new(tar.data, tar.len);
	assert_ok(tree_new(&t, f->dir, &err), err);
	assert_ok(tree_apply_layer(t, r, "os.tar", &err), err);
	boot = tree_find(t, "boot");
	while (boot && boot->n > 0)
		tree_remove(t, boot->children[0]);
	return list(t);
}

static struct part_content must_load(struct plan *p)
{
	struct part_content c = {0};
	struct werr *err = NULL;

	assert_ok(plan_load_kernel(p, &err), err);
	assert_ok(plan_load_whole(p, &c, &err), err);
	return c;
}

#define ALL_KINDS                                                                       \
	"kernel: {image: kernel, ucode: ucode.cpio}\ninit: [init, tools]\n"             \
	"onboot: [{name: b, image: su}]\n"                                              \
	"services:\n- {name: s, image: app}\n- {name: t, image: app}\n"                 \
	"- {name: u, image: www, readonly: true, wherry: {userns: auto}}\n"             \
	"volumes: [{name: v, image: tools}, {name: l, image: su, format: oci}]\n"       \
	"files:\n- {path: etc/a, contents: x, mode: \"0644\"}\n"                        \
	"- {path: bin/link, symlink: ls}\n- {path: new/dir, directory: true, uid: 7}\n" \
	"- {path: containers/services/s/lower/etc/b, contents: y, mode: \"0640\"}\n"    \
	"- {path: containers/services/s/lower/far/c, contents: y, gid: 9}\n"

/* clang-format off */
static const struct {
	const char *what;
	struct sample_os os;
} systems[] = {
	{"nothing", {"{}"}},
	{"a kernel and its modules", {"kernel: {image: kernel}"}},
	{"init images", {"init: [init, tools]"}},
	{"the order of init images", {"init: [tools, init]"}},
	{"a service", {"services: [{name: s, image: app}]"}},
	{"every kind of part", {ALL_KINDS, .options = {.sbom = "usr/share/sbom.json"}}},
	{"what LinuxKit makes of it",
		{ALL_KINDS, .compat = true, .options = {.sbom = "sbom.json"}}},
};
/* clang-format on */

static void test_the_whole_is_what_unpacking_the_tar_gives(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(systems); i++) {
		CLEANUP(planned)
		struct planned p = fixture_must_plan(*state, &systems[i].os);
		CLEANUP(free) char *unpacked = list_tar(*state, p.plan);
		CLEANUP(part_content) struct part_content c = must_load(p.plan);
		CLEANUP(free) char *merged = list(c.tree);

		if (!str_eq(merged, unpacked))
			fail_msg("%s:\n%sand not\n%s", systems[i].what, merged, unpacked);
	}
}

static const struct tree_node *must_find(const struct tree *t, const char *path)
{
	const struct tree_node *n = tree_find(t, path);

	if (!n)
		fail_msg("there is no %s", path);
	return n;
}

static void test_everything_is_in_its_place(void **state)
{
	CLEANUP(planned)
	struct planned p = fixture_must_plan(
		*state, &(struct sample_os){ALL_KINDS,
				.options = {.sbom = "sbom.json", .compression = {CODEC_ZSTD, 7}}});
	CLEANUP(part_content) struct part_content c = must_load(p.plan);
	const struct tree_node *app = must_find(c.tree, "containers/services/s/lower/bin/app");

	/* The boot loader has what was there. */
	assert_int_equal(must_find(c.tree, "boot")->n, 0);
	assert_int_equal(must_find(c.tree, "")->meta.mode, S_IFDIR | 0755);
	assert_int_equal(must_find(c.tree, "")->meta.mtime, BUILD_TIME);
	/* The init images are joined where symlinks lead. */
	assert_string_equal(must_find(c.tree, "bin")->target, "usr/bin");
	assert_ptr_equal(
		must_find(c.tree, "usr/bin/dir")->file, must_find(c.tree, "usr/bin/ls")->file);
	assert_string_equal(must_find(c.tree, "usr/bin/link")->target, "ls");
	assert_int_equal(must_find(c.tree, "lib/modules/6.1/a.ko")->file->size, strlen("a module"));
	/* A container's are not. */
	assert_ptr_equal(
		must_find(c.tree, "containers/services/s/lower/bin/link")->file, app->file);
	assert_int_equal(app->file->links, 2);
	assert_null(tree_find(c.tree, "containers/services/t/lower/bin"));
	assert_true(
		must_find(c.tree, "containers/services/u/rootfs/etc/passwd")->meta.uid >= 65536);
	assert_int_equal(
		must_find(c.tree, "containers/services/s/lower/etc")->meta.mode, S_IFDIR | 0700);
	assert_non_null(must_find(c.tree, "containers/services/s/lower/far/c"));
	assert_non_null(must_find(c.tree, "containers/volumes/l/lower/oci-layout"));
	assert_non_null(must_find(c.tree, "sbom.json"));
	assert_int_equal(c.compression.codec, CODEC_ZSTD);
	assert_int_equal(c.compression.level, 7);
}

static void test_an_image_that_cannot_be_merged_is_an_error(void **state)
{
	CLEANUP(planned)
	struct planned p = fixture_must_plan(
		*state, &(struct sample_os){"init: [init]\nfiles: [{path: etc, contents: x}]"});
	CLEANUP(part_content) struct part_content c = {0};
	struct werr *err = NULL;

	assert_fails(plan_load_whole(p.plan, &c, &err), err, WERR_INVALID, "etc is a directory");
	assert_null(c.tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_whole_is_what_unpacking_the_tar_gives),
		cmocka_unit_test(test_everything_is_in_its_place),
		cmocka_unit_test(test_an_image_that_cannot_be_merged_is_an_error),
	};

	return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
