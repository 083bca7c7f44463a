/* SPDX-License-Identifier: Apache-2.0 */
#include "resolve/unmade.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/process.h"

void unmade_note(struct store *store, const struct lockfile *lock, const struct config *c,
	const char *image, const struct reference *ref, struct werr *err, struct unmade *ret)
{
	const struct config_package *package = config_package_of(c, image);
	struct descriptor there = {0};

	if (!package)
		return;
	if (lock && store_resolve(store, ref, &there, NULL) == 0) {
		descriptor_cleanup(&there);
		if (lockfile_find(lock, ref->name))
			return;
	}
	free(STEAL(err->hint));
	if (!strv_has(&ret->dirs, package->dir))
		strv_add(&ret->dirs, package->dir);
	ret->last = err;
}

void unmade_hint(struct unmade *u)
{
	CLEANUP(strv) struct strv argv = {0};
	CLEANUP(free) char *command = NULL;

	if (u->last) {
		strv_add(&argv, "wherry");
		strv_add(&argv, "pkg");
		strv_add(&argv, "build");
		strv_add_all(&argv, &u->dirs);
		command = process_quote((const char *const *)argv.items);
		werr_hint(&u->last, "make %s with: %s", u->dirs.n > 1 ? "them" : "it", command);
	}
	strv_clear(&u->dirs);
}
