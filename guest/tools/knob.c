/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/knob.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "common/conffile.h"
#include "tools/args.h"

struct tree_of {
	const char *root; /* "/proc/sys" */
	enum knob_style style;
};

/* With dots as separators, a slash stands for a dot in a name. */
static void swap_dividers(char *path)
{
	if (path[strcspn(path, "./")] != '.')
		return;
	for (; *path; path++)
		*path = *path == '.' ? '/' : *path == '/' ? '.' : *path;
}

int knob_parse(const char *text, enum knob_style style, struct knob *ret, struct werr **err)
{
	bool optional = *text == '-';
	const char *key = text + optional, *equals = strchr(key, '=');
	CLEANUP(free) char *name = NULL, *path = NULL;
	size_t size;

	if (!equals)
		return werr_set(err, WERR_INVALID, "'%s' is not of the form key = value", text);
	for (size = (size_t)(equals - key); size && isspace((unsigned char)key[size - 1]);)
		size--;
	name = str_dup_n(key, size);
	if (style == KNOB_DOTS)
		swap_dividers(name);
	path = path_inside(name);
	if (!path || !*path)
		return werr_set(err, WERR_INVALID, "'%.*s' is not a key", (int)size, key);
	for (equals++; isspace((unsigned char)*equals);)
		equals++;
	*ret = (struct knob){STEAL(path), str_dup(equals), optional};
	return 0;
}

void knob_cleanup(struct knob *k)
{
	free(k->path);
	free(k->value);
	*k = (struct knob){0};
}

static int apply_line(const char *text, void *ctx, struct werr **err)
{
	const struct tree_of *tree = ctx;
	CLEANUP(knob) struct knob k = {0};
	CLEANUP(free) char *path = NULL;
	CLEANUP(fd) int fd = -1;
	int r = knob_parse(text, tree->style, &k, err);

	if (r < 0)
		return r;
	path = path_join(tree->root, k.path);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	/* A single call, because the kernel takes each write as a whole value. */
	if (fd < 0 || write(fd, k.value, strlen(k.value)) < 0)
		return k.optional ? 0 : werr_errno(err, errno, "can't set %s", k.path);
	return 0;
}

static void apply(struct tree_of *tree, const struct strv *dirs, const char *const *defaults,
	struct werr **err)
{
	const char *dir;

	STRV_FOREACH (dir, dirs)
		conffile_each_line(dir, apply_line, tree, err);
	for (; !dirs->n && *defaults; defaults++)
		conffile_each_line(*defaults, apply_line, tree, err);
}

int sysctl_main(int argc, char **argv)
{
	static const struct arg options[] = {{0}};
	static const char *const defaults[] = {
		"/etc/sysctl.d", "/run/sysctl.d", "/hostroot/etc/sysctl.d", NULL};
	struct tree_of tree = {"/proc/sys", KNOB_DOTS};
	CLEANUP(strv) struct strv dirs = {0};
	CLEANUP(werr) struct werr *err = NULL;

	if (args_parse(options, argc, argv, &dirs, &err) == 0)
		apply(&tree, &dirs, defaults, &err);
	return args_report("sysctl", err);
}

int sysfs_main(int argc, char **argv)
{
	static const char *const defaults[] = {"/etc/sysfs.d", "/hostroot/etc/sysfs.d", NULL};
	struct tree_of tree = {NULL, KNOB_SLASHES};
	CLEANUP(strv) struct strv dirs = {0};
	CLEANUP(werr) struct werr *err = NULL;
	const struct arg options[] = {
		{"configDir", ARG_TEXTS, &dirs},
		{"sysfsDir", ARG_TEXT, &tree.root},
		{0},
	};
	int r = args_parse(options, argc, argv, &dirs, &err);

	if (!tree.root)
		tree.root = "/sys";
	if (r == 0)
		apply(&tree, &dirs, defaults, &err);
	return args_report("sysfs", err);
}
