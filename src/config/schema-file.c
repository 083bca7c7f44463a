/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of a YAML file, its kernel and its files. */
#include "base/mem.h"
#include "base/str.h"
#include "config/config.h"
#include "config/schema.h"
#include "config/values.h"

static const struct key kernel_keys[] = {
	{"image", KEY_TEXT, KEY_EMPTY_IS_NONE | KEY_ALWAYS, "image that holds the kernel",
		.form = &form_image_or_none},
	{"cmdline", KEY_TEXT, KEY_EMPTY_IS_NONE, "the kernel's command line"},
	{"binary", KEY_TEXT, KEY_EMPTY_IS_NONE, "the kernel's file in the image (default: kernel)"},
	{"tar", KEY_TEXT, 0,
		"tar in the image that is unpacked at the root; none: no tar (default: "
		"kernel.tar)"},
	{"ucode", KEY_TEXT, 0, "cpio with microcode in the image, put before the initrd"},
};
static const struct key_map kernel_map = KEY_MAP_OF("kernel", kernel_keys);

/* ---- files ---- */

static const char *const kinds[] = {"contents", "source", "metadata", "symlink", "directory", NULL};

/* "" and false count as not given, except for contents. */
static bool is_given(const struct node *file, const char *kind)
{
	const struct node *value = node_get(file, kind);
	bool truth;

	if (!value || str_eq(kind, "contents"))
		return value;
	return node_to_bool(value, &truth) ? truth : value->size > 0;
}

/* LinuxKit fails when it writes these. */
static void check_file_path(struct checker *c, const struct node *path)
{
	const char *text = path && path->text ? path->text : "", *slash = strrchr(text, '/');

	if (slash && (!slash[1] || str_eq(slash, "/.")))
		checker_add(
			c, path, "the path '%.80s' names a directory, but this is a file", text);
}

/* A file is exactly one of these. */
static void check_file(struct checker *c, const struct node *n)
{
	const char *found[ARRAY_SIZE(kinds)];
	size_t count = 0;

	for (const char *const *kind = kinds; *kind; kind++)
		if (is_given(n, *kind))
			found[count++] = *kind;
	if (count == 0)
		checker_add(c, n,
			"%s needs one of 'contents', 'source', 'metadata', 'symlink', 'directory'",
			buf_str(&c->where));
	if (count > 1)
		checker_add(
			c, n, "%s has both '%s' and '%s'", buf_str(&c->where), found[0], found[1]);
	if (count == 1 && !str_eq(found[0], "directory") && !str_eq(found[0], "symlink"))
		check_file_path(c, node_get(n, "path"));
	if (node_get(n, "optional") && !node_get(n, "source"))
		checker_warn(c, node_get(n, "optional"),
			"%s: 'optional' has no effect without 'source'", buf_str(&c->where));
}

static const char *const metadata_values[] = {"yaml", "json", "", NULL};

static const struct key file_keys[] = {
	{"path", KEY_TEXT, KEY_REQUIRED | KEY_NOT_EMPTY | KEY_ALWAYS,
		"where it goes, from the root", .form = &form_inside},
	{"directory", KEY_BOOL, KEY_ALWAYS, "make a directory"},
	{"symlink", KEY_TEXT, KEY_EMPTY_IS_NONE, "make a symbolic link to this"},
	{"contents", KEY_BYTES, 0, "contents of the file"},
	{"source", KEY_TEXT, KEY_EMPTY_IS_NONE,
		"file of this machine that is copied; ~/ is the home directory"},
	{"metadata", KEY_TEXT, KEY_EMPTY_IS_NONE, "write the configuration itself, in this form",
		.values = metadata_values},
	{"optional", KEY_BOOL, KEY_ALWAYS, "skip it when the source is missing"},
	{"mode", KEY_TEXT, KEY_EMPTY_IS_NONE,
		"permissions, octal, in quotes (default: 0600, directories 0700)",
		.form = &form_mode},
	{"uid", KEY_ID, 0, "owner: a number, or the name of an entry (default: 0)"},
	{"gid", KEY_ID, 0, "group: a number, or the name of an entry (default: 0)"},
	{"arches", KEY_TEXT, KEY_LIST, "only for these architectures (not in LinuxKit)",
		.form = &form_platform},
};
static const struct key_map file_map = {.name = "file",
	.keys = file_keys,
	.n = ARRAY_SIZE(file_keys),
	.check = check_file,
	.one_of = kinds};

/* ---- the rest ---- */

static void warn_trust(struct checker *c, const struct node *n)
{
	checker_warn(c, n, "'trust' no longer has any effect");
}

static const struct key trust_keys[] = {
	{"image", KEY_TEXT, KEY_LIST, "without any effect"},
	{"org", KEY_TEXT, KEY_LIST, "without any effect"},
};
static const struct key_map trust_map = {
	.name = "trust", .keys = trust_keys, .n = ARRAY_SIZE(trust_keys), .check = warn_trust};

static const struct key top_keys[] = {
	{"kernel", KEY_MAP, 0, "the kernel", .map = &kernel_map},
	{"init", KEY_TEXT, KEY_LIST | KEY_NOT_EMPTY,
		"images that are unpacked at the root, in order", .form = &form_image},
	{"onboot", KEY_MAP, KEY_LIST, "containers that run one after another at boot",
		.map = &schema_entry},
	{"onshutdown", KEY_MAP, KEY_LIST, "containers that run one after another at shutdown",
		.map = &schema_entry},
	{"services", KEY_MAP, KEY_LIST, "containers that run all the time", .map = &schema_entry},
	{"files", KEY_MAP, KEY_LIST, "files, directories and links at the root", .map = &file_map},
	{"variables", KEY_SCALAR_MAP, 0, "what ${NAME} stands for (not in LinuxKit)",
		.form = &form_variables},
	{"include", KEY_TEXT, KEY_LIST | KEY_NOT_EMPTY,
		"YAML files that come before this one (not in LinuxKit)"},
	{"components", KEY_TEXT, 0,
		"wherry: images linuxkit/NAME become components; not in LinuxKit (default: none)",
		.values = config_component_words},
	{"volumes", KEY_MAP, KEY_LIST, "directories that containers share", .map = &schema_volume},
	{"network", KEY_MAP, 0, "the machine's network (not in LinuxKit)", .map = &schema_network},
	{"trust", KEY_MAP, 0, "accepted for old files, without any effect", .map = &trust_map},
};
const struct key_map schema_file = KEY_MAP_OF("configuration", top_keys);
