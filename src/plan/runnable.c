/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/runnable.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"

/* Wider than any runtime's. */
static const char default_path[] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

static bool is_below(const char *path, const char *dir)
{
	const char *rest = str_after(path, dir);

	return rest && (!*dir || !*rest || *rest == '/');
}

/* Where a path leads in the image, as far as it exists there; NULL: nowhere. */
static char *real_path(const struct tree *t, const char *path)
{
	CLEANUP(free) char *inside = path_inside(path);
	char *real = NULL;

	if (!inside || tree_real_path(t, inside, true, &real, NULL) < 0)
		return STEAL(inside);
	return real;
}

static bool is_mounted_over(
	const struct tree *t, const struct bundle_command *info, const char *program)
{
	CLEANUP(free) char *real = real_path(t, program);
	const char *mount;

	STRV_FOREACH (mount, &info->mounts) {
		CLEANUP(free) char *dir = real_path(t, mount);

		if (!dir || !real || is_below(real, dir))
			return true;
	}
	return false;
}

static bool may_be_at(const struct tree *t, const struct bundle_command *info, const char *path)
{
	CLEANUP(free) char *inside = path_inside(path);
	const struct tree_node *n = inside ? tree_resolve(t, inside) : NULL;

	if (n && S_ISREG(n->meta.mode) && (n->meta.mode & (S_IXUSR | S_IXGRP | S_IXOTH)))
		return true;
	return !inside || is_mounted_over(t, info, path);
}

bool runnable_may_exist(const struct tree *t, const struct bundle_command *info)
{
	const char *path = info->path ? info->path : default_path;

	if (info->program[0] == '/')
		return may_be_at(t, info, info->program);
	if (strchr(info->program, '/') || !*path) {
		CLEANUP(free) char *whole = path_join(info->cwd, info->program);

		return may_be_at(t, info, whole);
	}
	for (const char *end; *path; path = *end ? end + 1 : end) {
		CLEANUP(free) char *dir = NULL;
		CLEANUP(free) char *whole = NULL;

		end = path + strcspn(path, ":");
		dir = end > path ? str_dup_n(path, (size_t)(end - path)) : str_dup(info->cwd);
		whole = path_join(dir, info->program);
		if (may_be_at(t, info, whole))
			return true;
	}
	return false;
}

char *runnable_missing_text(const struct bundle_command *info, const struct config_container *entry)
{
	bool searched = !strchr(info->program, '/') && info->path && *info->path;

	return str_printf("'%.80s' will not start: its image has no program '%.200s'%s%.200s%s%s",
		entry->name, info->program, searched ? " in PATH (" : "",
		searched ? info->path : "", searched ? ")" : "",
		info->of_entry ? "" : ", which it says it runs");
}
