/* SPDX-License-Identifier: Apache-2.0 */
/* Trees added to an archive that is a list of its members. */
#include "check.h"

#include <errno.h>
#include <stdlib.h>

#include "../tree/layer-maker.h"
#include "archive/archive.h"

enum { TEXT_MAX = 64 << 10 };

struct list {
	struct archiver archiver;
	struct buf text;
	size_t room; /* how many members fit */
};

/* "PATH", with a '/' after that of a directory, "#ID/LINKS" of a shared file, "SOURCE@LOCATION". */
static int list_add(struct archiver *w, const struct archive_member *m,
	ATTR_UNUSED struct reader *content, struct werr **err)
{
	struct list *l = CONTAINER_OF(w, struct list, archiver);

	if (l->room-- == 0)
		return werr_set(err, WERR_NO_SPACE, "no room for %s", m->path);
	buf_printf(&l->text, "%s%s%s", l->text.len ? " " : "", m->path,
		S_ISDIR(m->meta->mode) ? "/" : "");
	if (m->file_id)
		buf_printf(&l->text, "#%u/%u", (unsigned)m->file_id, m->links);
	if (m->source)
		buf_printf(&l->text, " %s@%s", m->source, m->location);
	return 0;
}

static int list_finish(ATTR_UNUSED struct archiver *w, ATTR_UNUSED struct werr **err)
{
	return 0;
}

static void list_free(ATTR_UNUSED struct archiver *w)
{
}

#define LIST(room_)                                                    \
	((struct list){.archiver = {list_add, list_finish, list_free}, \
		.text = BUF_INIT(TEXT_MAX),                            \
		.room = (room_)})

static bool is_x(const char *path, ATTR_UNUSED void *ctx)
{
	return str_eq(path, "x");
}

static bool is_x_f(const char *path, ATTR_UNUSED void *ctx)
{
	return str_eq(path, "x/f");
}

#define FILES                                                              \
	{                                                                  \
		{"x/", '5'}, {"x/f"}, {"x/y/g"}, {"a", '2', "x"}, {"x.b"}, \
		{                                                          \
			NULL                                               \
		}                                                          \
	}
/* The name that is a hard link comes first: in the same directory, and in another one. */
#define LINK_BESIDE                       \
	{                                 \
		{"x/f"},                  \
		{                         \
			"x/a", '1', "x/f" \
		}                         \
	}
#define LINK_ELSEWHERE                          \
	{                                       \
		{"x/f"}, {"b/c/a", '1', "x/f"}, \
		{                               \
			"x/g"                   \
		}                               \
	}

static const struct {
	const char *what;
	struct item items[8];
	struct archive_tree_options options;
	const char *members;
} rows[] = {
	{"by the bytes of names, a directory before what is in it", FILES, {0},
		"a x/ x/f x/y/ x/y/g x.b"},
	{"with the root", FILES, {.with_root = true}, "/ a x/ x/f x/y/ x/y/g x.b"},
	{"below a prefix", FILES, {.prefix = "p/q"},
		"p/q/a p/q/x/ p/q/x/f p/q/x/y/ p/q/x/y/g p/q/x.b"},
	{"which the root is then", FILES, {.prefix = "p", .with_root = true},
		"p/ p/a p/x/ p/x/f p/x/y/ p/x/y/g p/x.b"},
	{"without directories that only their files tell of", FILES, {.explicit_only = true},
		"a x/ x/f x/y/g x.b"},
	{"without a directory and what is in it", FILES, {.skip = is_x}, "a x.b"},
	{"without a directory that is elsewhere, but with what is in it", FILES,
		{.elsewhere = is_x}, "a x/f x/y/ x/y/g x.b"},

	{"a hard link after its file", LINK_BESIDE, {0}, "x/ x/f#1/2 x/a#1/2"},
	{"of names that come once the first one is the file", LINK_BESIDE, {.once = true},
		"x/ x/a#1/2 x/f#1/2"},
	{"directories again whose order a hard link has changed", LINK_ELSEWHERE, {0},
		"b/ b/c/ x/ x/f#1/2 b/c/a#1/2 b/ b/c/ x/ x/g"},
	{"none of them where names come once", LINK_ELSEWHERE, {.once = true},
		"b/ b/c/ b/c/a#1/2 x/ x/f#1/2 x/g"},
	{"a hard link to what is left out is a file", LINK_ELSEWHERE, {.skip = is_x},
		"b/ b/c/ b/c/a"},
	{"a file whose hard link is left out", LINK_BESIDE, {.skip = is_x_f}, "x/ x/a"},
	{"a hard link to what is elsewhere is a file", LINK_BESIDE, {.elsewhere = is_x_f},
		"x/ x/a"},
	{"and so it is where names come once", {{"x/f"}, {"x/z", '1', "x/f"}},
		{.elsewhere = is_x_f, .once = true}, "x/ x/z"},
	{"three names", {{"b"}, {"a", '1', "b"}, {"c", '1', "a"}}, {0}, "b#1/3 a#1/3 c#1/3"},
	{"two files with two names each", {{"a"}, {"b", '1', "a"}, {"c"}, {"d", '1', "c"}}, {0},
		"a#1/2 b#1/2 c#2/2 d#2/2"},
};

static struct tree *make_tree(const struct item *items)
{
	struct tree *t = NULL;
	struct werr *err = NULL;

	assert_ok(tree_new(&t, "/tmp", &err), err);
	assert_ok(apply_items(t, items, &err), err);
	return t;
}

static void assert_members(struct list *l, const struct tree *t,
	const struct archive_tree_options *o, const char *what, const char *members)
{
	struct werr *err = NULL;

	buf_truncate(&l->text, 0);
	assert_ok(archiver_add_tree(&l->archiver, t, o, &err), err);
	if (!str_eq(buf_str(&l->text), members))
		fail_msg("%s: '%s' and not '%s'", what, buf_str(&l->text), members);
}

static void test_which_members_a_tree_becomes_in_what_order(ATTR_UNUSED void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(tree) struct tree *t = make_tree(rows[i].items);
		struct list l = LIST(SIZE_MAX);

		assert_members(&l, t, &rows[i].options, rows[i].what, rows[i].members);
		buf_clear(&l.text);
	}
}

static void test_a_part_of_a_tree_has_links_of_its_own(ATTR_UNUSED void **state)
{
	static const struct item items[] = {{"x/f"}, {"x/g", '1', "x/f"}, {"a", '1', "x/f"},
		{"x/h"}, {"b", '1', "x/h"}, {NULL}};
	CLEANUP(tree) struct tree *t = make_tree(items);
	const struct archive_tree_options x = {
		.prefix = "p", .top = tree_find(t, "x"), .with_root = true};
	struct list l = LIST(SIZE_MAX);

	assert_members(&l, t, &x, "x", "p/ p/f#1/2 p/g#1/2 p/h");
	/* Once more into the same archive: these are other files. */
	assert_members(&l, t, &x, "x again", "p/ p/f#2/2 p/g#2/2 p/h");
	buf_clear(&l.text);
}

static void test_in_a_part_of_a_tree_directories_come_again(ATTR_UNUSED void **state)
{
	static const struct item items[] = {{"x/c/f"}, {"x/b/a", '1', "x/c/f"}, {NULL}};
	CLEANUP(tree) struct tree *t = make_tree(items);
	struct list l = LIST(SIZE_MAX);

	assert_members(&l, t, &(struct archive_tree_options){.top = tree_find(t, "x")}, "x",
		"b/ c/ c/f#1/2 b/a#1/2 b/ c/");
	buf_clear(&l.text);
}

static void test_members_say_where_they_come_from(ATTR_UNUSED void **state)
{
	static const struct item first[] = {{"a"}, {"d/b"}, {NULL}}, second[] = {{"d/b"}, {NULL}};
	static const struct archive_origin origins[] = {{"one", "init[0]"}, {"two", "init[1]"}};
	CLEANUP(tree) struct tree *t = make_tree(first);
	struct list l = LIST(SIZE_MAX);
	struct werr *err = NULL;

	t->origin = 1;
	assert_ok(apply_items(t, second, &err), err);
	assert_members(&l, t, &(struct archive_tree_options){.origins = origins}, "origins",
		"a one@init[0] d/ one@init[0] d/b two@init[1]");
	buf_clear(&l.text);
}

static void test_an_archive_that_is_full_ends_it(ATTR_UNUSED void **state)
{
	static const struct item items[] = {{"x/f"}, {"b/c/a", '1', "x/f"}, {"x/g"}, {NULL}};
	CLEANUP(tree) struct tree *t = make_tree(items);
	const struct archive_tree_options options = {0};

	for (size_t room = 0; room < 9; room++) {
		struct list l = LIST(room);
		struct werr *err = NULL;

		assert_fails(archiver_add_tree(&l.archiver, t, &options, &err), err, WERR_NO_SPACE,
			"no room for ");
		assert_int_equal(l.room, SIZE_MAX);
		buf_clear(&l.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_which_members_a_tree_becomes_in_what_order),
		cmocka_unit_test(test_a_part_of_a_tree_has_links_of_its_own),
		cmocka_unit_test(test_in_a_part_of_a_tree_directories_come_again),
		cmocka_unit_test(test_members_say_where_they_come_from),
		cmocka_unit_test(test_an_archive_that_is_full_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
