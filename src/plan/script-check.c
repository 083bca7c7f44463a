/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/script-check.h"

#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "contract/initd.h"
#include "contract/paths.h"
#include "tree/tree.h"

enum { LINE_MAX_SIZE = 256 };

/* The path after "#!"; empty when the file is a program. */
static void read_interpreter(
	const struct tree *root, const struct tree_node *n, char ret[static LINE_MAX_SIZE])
{
	CLEANUP(reader) struct reader *file = tree_open_file(root, n);
	size_t got = 0;
	char *path;

	ret[0] = '\0';
	if (reader_read(file, ret, LINE_MAX_SIZE - 1, &got, NULL) < 0)
		return;
	ret[got] = '\0';
	if (!str_after(ret, "#!")) {
		ret[0] = '\0';
		return;
	}
	path = ret + 2 + strspn(ret + 2, " \t");
	path[strcspn(path, " \t\n")] = '\0';
	memmove(ret, path, strlen(path) + 1);
}

static void check_script(const struct tree *root, const char *name, const struct tree_node *n)
{
	char interpreter[LINE_MAX_SIZE];

	if (!(n->meta.mode & 0111)) {
		log_warning("/" INITD_DIR "/%s is not run at boot: it is not executable", name);
		return;
	}
	read_interpreter(root, n, interpreter);
	if (*interpreter && !tree_resolve(root, interpreter))
		log_warning("/" INITD_DIR "/%s can't run at boot: the root has no %s; an image in "
			    "`init` can bring it",
			name, interpreter);
}

static void check_boot(const struct tree *root)
{
	const struct tree_node *dir = tree_resolve(root, INITD_DIR);

	if (!dir || !S_ISDIR(dir->meta.mode))
		return;
	for (size_t i = 0; i < dir->n; i++) {
		const char *name = dir->children[i]->name;
		CLEANUP(free) char *path = path_join(INITD_DIR, name);
		const char *instead = initd_replaced(name);
		const struct tree_node *n = tree_resolve(root, path);

		if (instead)
			log_warning("/" INITD_DIR "/%s is not run: %s", name, instead);
		else if (n && S_ISREG(n->meta.mode))
			check_script(root, name, n);
	}
}

static void check_shutdown(const struct tree *root)
{
	const struct tree_node *dir = tree_resolve(root, SHUTDOWND_DIR);

	if (!dir || !S_ISDIR(dir->meta.mode))
		return;
	for (size_t i = 0; i < dir->n; i++)
		if (!initd_replaced(dir->children[i]->name))
			log_warning("/" SHUTDOWND_DIR
				    "/%s is not run at shutdown: an entry in `onshutdown` is",
				dir->children[i]->name);
}

void script_check(const struct tree *root)
{
	if (!tree_find_through(root, SUPERVISOR_PROGRAM))
		return;
	check_boot(root);
	check_shutdown(root);
}
