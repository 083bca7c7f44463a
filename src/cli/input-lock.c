/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/input-lock.h"

#include <errno.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"

int input_lock_path(const char *const *files, char **ret, struct werr **err)
{
	const char *last = files[0];

	while (files[1])
		last = *++files;
	if (str_eq(last, "-") || strstr(last, "://"))
		return werr_set(err, WERR_USAGE, "%s cannot have a lock file beside it",
			str_eq(last, "-") ? "stdin" : last);
	*ret = str_printf("%s.lock", last);
	return 0;
}

int input_lock_read(const char *const *files, struct lockfile **ret, struct werr **err)
{
	CLEANUP(free) char *path = NULL;
	bool there;
	int r;

	*ret = NULL;
	if (input_lock_path(files, &path, NULL) < 0)
		return 0;
	/*
	 * One that cannot be read is an error: without it, other images would be taken, and a new
	 * lock file would lose what this one holds.
	 */
	r = file_look(path, &there, err);
	return r < 0 || !there ? r : lockfile_read(path, ret, err);
}

static int rewrite(const char *path, const struct config *config,
	const struct resolve_options *images, struct lockfile **ret, struct werr **err)
{
	struct resolve_options now = *images;
	int r;

	now.pull = true;
	r = resolve_lock(config, &now, path, ret, err);
	return r < 0 ? r : lockfile_write(*ret, err);
}

int input_lock_prepare(const char *const *files, const struct input_lock_options *o,
	const struct config *config, struct resolve_options *images, struct lockfile **ret,
	struct werr **err)
{
	CLEANUP(free) char *path = NULL;
	int r;

	if (!o->update && !o->locked) {
		r = input_lock_read(files, ret, err);
	} else {
		r = input_lock_path(files, &path, err);
		if (r == 0)
			r = o->update ? rewrite(path, config, images, ret, err)
				      : lockfile_read(path, ret, err);
		if (r == -ENOENT && !o->update)
			werr_hint(err, "create it with: wherry lock FILE...");
	}
	images->lock = *ret;
	images->locked = o->locked;
	return r;
}
