/* SPDX-License-Identifier: Apache-2.0 */
#include "common/shell.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "common/console.h"
#include "common/fs.h"
#include "common/spawn.h"
#include "contract/paths.h"

static const enum container_kind kinds[] = {
	CONTAINER_SERVICE, CONTAINER_ONBOOT, CONTAINER_ONSHUTDOWN};
static const char *const roots[] = {BUNDLE_ROOT, BUNDLE_LOWER};
static const char *const shared[] = {"dev", "proc", "sys", "run", "tmp"};

/* The root of an image that has a shell; NULL: there is none. Owned by the caller. */
static char *find_root(enum container_kind kind)
{
	CLEANUP(free) char *dir = str_printf("/%s", contract_dir(kind));
	CLEANUP(strv) struct strv names = {0};
	const char *name;

	fs_names(dir, &names);
	STRV_FOREACH (name, &names)
		for (size_t i = 0; i < ARRAY_SIZE(roots); i++) {
			CLEANUP(free) char *root = str_printf("%s/%s/%s", dir, name, roots[i]);
			CLEANUP(free) char *shell = str_printf("%s/bin/sh", root);
			struct stat st;

			/* It is often a symlink that only resolves inside the image. */
			if (lstat(shell, &st) == 0)
				return STEAL(root);
		}
	return NULL;
}

pid_t shell_start(const char *terminal)
{
	static const char *const argv[] = {"-sh", NULL};
	struct spawn s = SPAWN("/bin/sh", argv);
	CLEANUP(free) char *root = NULL;

	s.terminal = terminal;
	if (file_exists("/bin/sh"))
		return spawn_run(&s);
	for (size_t i = 0; i < ARRAY_SIZE(kinds) && !root; i++)
		root = find_root(kinds[i]);
	if (!root)
		return -ENOENT;
	for (size_t i = 0; i < ARRAY_SIZE(shared); i++) {
		CLEANUP(free) char *from = str_printf("/%s", shared[i]);
		CLEANUP(free) char *to = str_printf("%s/%s", root, shared[i]);

		/* An image without a directory for it does without. */
		mount(from, to, NULL, MS_BIND | MS_REC, NULL);
	}
	s.root = root;
	console_line(
		"a shell on %s, in the image of %s; the OS is in /proc/1/root", terminal, root);
	return spawn_run(&s);
}
