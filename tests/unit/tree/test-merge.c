/* SPDX-License-Identifier: Apache-2.0 */
/* Layers applied over each other, and entries that are refused. */
#include "check.h"

#include "layer-maker.h"
#include "tree-text.h"

/* Up to three layers, and the tree that results. */
struct merge {
	const char *what;
	struct item layers[3][8];
	const char *text;
};

/* clang-format off */
static const struct merge merges[] = {
	{"later layers replace files", {
		{{"a/", '5'}, {"a/f", 0, "old"}, {"a/g", 0, "kept"}},
		{{"a/f", 0, "new", 0600}}},
		"d755 a\n-600 a/f [new]\n-644 a/g [kept]\n"},
	{"a directory listed again keeps what is in it, with other metadata", {
		{{"a/", '5'}, {"a/f", 0, "x"}},
		{{"a/", '5', NULL, 0700}}},
		"d700 a\n-644 a/f [x]\n"},
	{"names with ./, with / and without are the same", {
		{{"./a/", '5'}, {"/a/b", 0, "1"}, {"a//./c", 0, "2"}, {"a/d/", 0}}},
		"d755 a\n-644 a/b [1]\n-644 a/c [2]\nd644 a/d\n"},
	{"missing directories are created", {
		{{"x/y/f", 0, "1", 0600}}},
		"d755 x\nd755 x/y\n-600 x/y/f [1]\n"},
	{"a path given twice: the last one counts", {
		{{"f", 0, "first"}, {"f", 0, "second"}, {"g/", '5'}, {"g/h", 0, ""},
		 {"g", '2', "f"}, {"g", 0, "file"}}},
		"-644 f [second]\n-644 g [file]\n"},
	{"a directory replaces a file, and the reverse", {
		{{"a", 0, "file"}, {"b/", '5'}, {"b/c/", '5'}, {"b/c/d", 0, "x"}},
		{{"a/", '5'}, {"a/f", 0, "in"}, {"b", 0, "flat"}}},
		"d755 a\n-644 a/f [in]\n-644 b [flat]\n"},
	{"whiteouts", {
		{{"a/", '5'}, {"a/f", 0, "1"}, {"a/g", 0, "2"}, {"d/e/f", 0, "3"}},
		{{"a/.wh.f"}, {".wh.d"}, {".wh.nothing"}, {"no/where/.wh.x"}}},
		"d755 a\n-644 a/g [2]\n"},
	{"a whiteout before or after what the layer itself adds", {
		{{"f", 0, "1"}, {"g", 0, "2"}, {"d/", '5'}, {"d/old", 0, "3"},
		 {"e/", '5', NULL, 0700}, {"e/old", 0, "4"}},
		{{"f", 0, "new"}, {".wh.f"}, {".wh.g"}, {"g", 0, "new"}, {"d/x", 0, "5"}, {".wh.d"},
		 {".wh.e"}, {"e/x", 0, "6"}}},
		"d755 d\n-644 d/x [5]\nd755 e\n-644 e/x [6]\n-644 f [new]\n-644 g [new]\n"},
	{"opaque directories, with the marker at any place", {
		{{"a/", '5'}, {"a/old", 0, "1"}, {"a/sub/old", 0, "2"}, {"b/", '5', NULL, 0711},
		 {"b/old", 0, "3"}},
		{{"a/", '5'}, {"a/new", 0, "4"}, {"a/sub/new", 0, "5"}, {"a/.wh..wh..opq"},
		 {"b/.wh..wh..opq"}, {"b/new", 0, "6"}}},
		"d755 a\n-644 a/new [4]\nd755 a/sub\n-644 a/sub/new [5]\nd711 b\n-644 b/new [6]\n"},
	{"an opaque root", {
		{{"a", 0, "1"}}, {{".wh..wh..opq"}, {"b", 0, "2"}}}, "-644 b [2]\n"},
	{"the same names in a third layer", {
		{{"a/f", 0, "1"}}, {{".wh.a"}}, {{"a/g", 0, "3"}}}, "d755 a\n-644 a/g [3]\n"},
	{"files reserved by AUFS are ignored", {
		{{"f", 0, "1"}, {".wh..wh.aufs", 0, "x"}, {".wh..wh.plnk/", '5'},
		 {".wh..wh.plnk/12.34", 0, "x"}}},
		"-644 f [1]\n"},
	{"hard links, within one layer and to lower ones", {
		{{"a/f", 0, "x"}, {"a/g", '1', "a/f"}},
		{{"h", '1', "./a/f"}, {"l", '2', "to"}, {"m", '1', "l"}}},
		"d755 a\n-644 a/f [x] x3\n-644 a/g [x] x3\n-644 h [x] x3\nl644 l -> to x2\n"
		"l644 m -> to x2\n"},
	{"a hard link lives on when its first name goes", {
		{{"f", 0, "x"}, {"g", '1', "f"}}, {{".wh.f"}}}, "-644 g [x]\n"},
	{"a hard link to itself", {{{"f", 0, "x"}, {"f", '1', "f"}}}, "-644 f [x]\n"},
	{"a hard link replaces the directory of its file", {
		{{"d/f", 0, "x"}, {"d", '1', "d/f"}}}, "-644 d [x]\n"},
	{"a hard link below its own file", {
		{{"f", 0, "x"}, {"f/g", '1', "f"}}}, "d755 f\n-644 f/g [x]\n"},
	{"replacing one name of a file leaves the others", {
		{{"f", 0, "x"}, {"g", '1', "f"}}, {{"f", 0, "y"}}}, "-644 f [y]\n-644 g [x]\n"},
	{"a path through a lower layer's symlink makes it a directory, as overlayfs shows it", {
		{{"etc/passwd", 0, "root"}, {"x", '2', "etc"}}, {{"x/passwd", 0, "mine"}}},
		"d755 etc\n-644 etc/passwd [root]\nd755 x\n-644 x/passwd [mine]\n"},
	{"a path through a symlink of its own layer is resolved", {
		{{"usr/lib/a", 0, "1"}, {"lib", '2', "usr/lib"}, {"lib/b", 0, "2"},
		 {"lib/c/d", 0, "3"}, {"lib/a", 0, "new"}}},
		"l644 lib -> usr/lib\nd755 usr\nd755 usr/lib\n-644 usr/lib/a [new]\n"
		"-644 usr/lib/b [2]\nd755 usr/lib/c\n-644 usr/lib/c/d [3]\n"},
	{"through several symlinks: absolute, leading up, and to something that does not exist", {
		{{"a", '2', "/x/y"}, {"x/y", '2', "../z/."}, {"a/f", 0, "1"},
		 {"z/up", '2', "../.."}, {"a/up/g", 0, "2"}}},
		"l644 a -> /x/y\n-644 g [2]\nd755 x\nl644 x/y -> ../z/.\nd755 z\n-644 z/f [1]\n"
		"l644 z/up -> ../..\n"},
	{"a symlink out of the tree leads to its root", {
		{{"x", '2', "../../etc"}, {"x/f", 0, "1"}, {"y", '2', "/etc/passwd"},
		 {"y", 0, "2"}}},
		"d755 etc\n-644 etc/f [1]\nl644 x -> ../../etc\n-644 y [2]\n"},
	{"a lower symlink that a layer's symlink leads through becomes a directory", {
		{{"real/", '5'}, {"usr", '2', "real"}},
		{{"lib", '2', "usr/lib"}, {"lib/f", 0, "1"}}},
		"l644 lib -> usr/lib\nd755 real\nd755 usr\nd755 usr/lib\n-644 usr/lib/f [1]\n"},
	{"hard links through symlinks, of this layer and of lower ones", {
		{{"usr/lib/a", 0, "1"}, {"lib", '2', "usr/lib"}, {"b", '1', "lib/a"},
		 {"lib/c", '1', "/lib/../lib/a"}},
		{{"d", '1', "lib/a"}, {"e", '1', "lib"}}},
		"-644 b [1] x4\n-644 d [1] x4\nl644 e -> usr/lib x2\nl644 lib -> usr/lib x2\n"
		"d755 usr\nd755 usr/lib\n"
		"-644 usr/lib/a [1] x4\n-644 usr/lib/c [1] x4\n"},
	{"whiteouts through the layer's own symlink; through a lower one they have no effect", {
		{{"usr/lib/a", 0, "1"}, {"usr/lib/b", 0, "2"}, {"l", '2', "usr/lib"}},
		{{"lib", '2', "usr/lib"}, {"lib/.wh.a"}, {"l/.wh.b"}},
		 {{"m", '2', "usr/lib"}, {"m/c", 0, "3"}, {"m/.wh..wh..opq"}}},
		"l644 l -> usr/lib\nl644 lib -> usr/lib\nl644 m -> usr/lib\nd755 usr\n"
		"d755 usr/lib\n-644 usr/lib/c [3]\n"},
	{"an opaque directory hides a lower symlink, not its target", {
		{{"to/kept", 0, "1"}, {"l", '2', "to"}},
		{{"l/", '5'}, {"l/.wh..wh..opq"}, {"l/new", 0, "2"}}},
		"d755 l\n-644 l/new [2]\nd755 to\n-644 to/kept [1]\n"},
	{"a directory replaces a symlink of its own layer, and the reverse", {
		{{"a", '2', "b"}, {"a/", '5'}, {"a/f", 0, "1"}, {"c/f", 0, "2"}, {"c", '2', "a"},
		 {"c/g", 0, "3"}}},
		"d755 a\n-644 a/f [1]\n-644 a/g [3]\nl644 c -> a\n"},
	{"a hard link whose directory has no entry", {
		{{"a", 0, "1"}, {"p/q/b", '1', "a"}}},
		"-644 a [1] x2\nd755 p\nd755 p/q\n-644 p/q/b [1] x2\n"},
	{"names with .. that stay in the tree", {
		{{"./opt/../odd", 0, "1"}, {"d/a/../../d/f", 0, "2"}, {"d/..", '5', NULL, 0700},
		 {"g", '1', "x/../odd"}, {"d/./../.wh.nothing"}}},
		"d755 d\n-644 d/f [2]\n-644 g [1] x2\n-644 odd [1] x2\n"},
	{"names before .. need not exist, and are not followed", {
		{{"l", '2', "far/away"}, {"l/../f", 0, "1"}}},
		"-644 f [1]\nl644 l -> far/away\n"},
	{"special files", {
		{{"c", '3', .major = "0000005", .minor = "0000001"}, {"b", '4'}, {"p", '6'},
		 {"s", 0, "", 04755}}},
		"b644 b\nc644 c\np644 p\n-4755 s []\n"},
	{"long names, PAX and GNU", {
		{{"x", 0, "1", .pax = "path=long/pax\n"}, {"././@LongLink", 'L', "long/gnu"},
		 {"x", 0, "2"},
		{"././@LongLink", 'K', "the/target"}, {"l", '2', "x"},
			{"m", '2', "x", .pax = "linkpath=p\303\244x\n"}}},
		"l644 l -> the/target\nd755 long\n-644 long/gnu [2]\n-644 long/pax [1]\n"
		"l644 m -> p\303\244x\n"},
	{"names that are not UTF-8", {{{"a\377\376", 0, "1"}, {"l", '2', "\351"}}},
		"-644 a\377\376 [1]\nl644 l -> \351\n"},
	{"names that are not UTF-8, in records", {
		{{"x", 0, "1", .pax = "path=caf\351\n"},
		 {"l", '2', "x", .pax = "linkpath=\377\376\n"},
		{"u", 0, "2", .pax = "gname=\344\nuname=\374\n"},
			{"h", '1', "x", .pax = "linkpath=caf\351\n"}}},
		"-644 caf\351 [1] x2\n-644 h [1] x2\nl644 l -> \377\376\n-644 u [2]\n"},
	{"links whose header has no target, as Go writes one that has no ASCII in it", {
		{{"x", 0, "1", .pax = "path=\346\226\207\n"},
		 {"l", '2', "", .pax = "linkpath=\346\226\207\n"},
		{"h", '1', "", .pax = "linkpath=\346\226\207\n"},
			{"m", '2', "", .pax = "linkpath=\351\n"}, {"f", 0, "2"}}},
		"-644 f [2]\n-644 h [1] x2\nl644 l -> \346\226\207\nl644 m -> \351\n"
		"-644 \346\226\207 [1] x2\n"},
	{"vendor records", {
		{{"f", 0, "1", .pax = "ACME.thing=1\ncomment=x\nGNU.nothing=\nSCHILY.ino=7\n"
			"SCHILY.realsize=1\n"},
		{"g", 0, "2", .pax = "LINUXKIT.source=a\nMSWINDOWS.rawsd=AQAA\n"}}},
		"-644 f [1]\n-644 g [2]\n"},
	{"names in UTF-8", {
		{{"caf\303\251", 0, "1"}, {"x", 0, "2", .pax = "path=\346\227\245\346\234\254\n"}}},
		"-644 caf\303\251 [1]\n-644 \346\227\245\346\234\254 [2]\n"},
};
/* clang-format on */

static void test_merges(ATTR_UNUSED void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(merges); i++) {
		CLEANUP(tree) struct tree *t = NULL;
		CLEANUP(free) char *text = NULL;
		struct werr *err = NULL;

		assert_ok(tree_new(&t, "/tmp", &err), err);
		for (size_t l = 0; l < 3; l++)
			if (apply_items(t, merges[i].layers[l], &err) < 0)
				fail_msg("%s: %s", merges[i].what, err->message);
		text = tree_text(t);
		if (!str_eq(text, merges[i].text))
			fail_msg("%s:\n%sinstead of:\n%s", merges[i].what, text, merges[i].text);
	}
}

static const struct {
	struct item items[4];
	enum werr_kind kind;
	const char *part;
} refused[] = {
	{{{"../f", 0, "x"}}, WERR_CORRUPT, "layer: ../f: the path leads out of the tree"},
	{{{"a/../../f", 0, "x"}}, WERR_CORRUPT, "'..'"},
	{{{"a/../..", '5'}}, WERR_CORRUPT, "'..'"},
	{{{"../.wh.f"}}, WERR_CORRUPT, "'..'"},
	{{{".wh."}}, WERR_CORRUPT, "'.wh.' is not allowed here"},
	{{{".wh.."}}, WERR_CORRUPT, "'.wh.' is not allowed here"},
	{{{"a/.wh..."}}, WERR_CORRUPT, "'.wh.' is not allowed here"},
	{{{".wh.a/b", 0, "x"}}, WERR_CORRUPT, "'.wh.' is not allowed here"},
	{{{"g", '1', "f"}}, WERR_CORRUPT, "a hard link to f, which does not exist"},
	{{{"g", '1', "../f"}}, WERR_CORRUPT, "which does not exist"},
	{{{"a\n\033b", '1', "f\r"}}, WERR_CORRUPT, "a??b: a hard link to f?, which"},
	{{{"d/", '5'}, {"g", '1', "d"}}, WERR_CORRUPT, "a hard link to a directory"},
	{{{"g", '1', ""}}, WERR_CORRUPT, "type is unknown"},
	{{{"x", '2', "e"}, {"e/f", 0, "1"}, {"g", '1', "x/h"}}, WERR_CORRUPT, "does not exist"},
	{{{"a", '2', "b"}, {"b", '2', "a"}, {"a/x", 0, "1"}}, WERR_CORRUPT,
		"a/x: the path leads through more than 40"},
	{{{"a", '2', "b"}, {"b", '2', "a"}, {"x", '1', "a/x"}}, WERR_CORRUPT, "does not exist"},
	{{{"f", 0, "1"}, {"l", '2', "f"}, {"l/x", 0, "2"}}, WERR_CORRUPT,
		"l/x: the path leads through a symlink to f, which is not a directory"},
	{{{".", 0, "x"}}, WERR_CORRUPT, "the root must be a directory"},
	{{{"s", '2', ""}}, WERR_CORRUPT, "no target"},
	{{{"f", 0, "x", .uid = "\200\1\1\1\1\1\1\1"}}, WERR_CORRUPT, "user id"},
	{{{"f", 0, "x", .pax = "path=a\n", .uid = "\200\1\1\1\1\1\1\1"}}, WERR_CORRUPT, "user id"},
};

static void test_refused(ATTR_UNUSED void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		CLEANUP(tree) struct tree *t = NULL;
		struct werr *err = NULL;

		assert_ok(tree_new(&t, "/tmp", &err), err);
		assert_fails(apply_items(t, refused[i].items, &err), err, refused[i].kind,
			refused[i].part);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_merges),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
