/* SPDX-License-Identifier: Apache-2.0 */
/* The files of this machine that `files: source:` names: where they are, and whether they are
 * there. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "config/model-build.h"
#include "config/sources.h"

/* "~/" is the home directory; without one it is kept, and the file will not be found. */
static char *expand_home(const char *written)
{
	const char *below = str_after(written, "~/"), *home = getenv("HOME");

	return below && home ? path_join(home, below) : str_dup(written);
}

/* Relative to its file, as all other paths are; LinuxKit takes the current directory. A file from
 * the network has no directory here. */
char *config_file_source(const struct config *c, const struct node *n)
{
	const char *file = n->document->name;
	CLEANUP(free) char *path = expand_home(n->text);

	if (c->compat || path[0] == '/' || source_is_url(file))
		return STEAL(path);
	return source_resolve(file, path);
}

/* Another place that the file may have been meant to be at, if it is there; owned by the caller. */
static char *found_elsewhere(const struct config *c, const struct node *n, const char *path)
{
	CLEANUP(free) char *other = NULL;

	if (n->text[0] == '/' || n->text[0] == '~' || source_is_url(n->document->name))
		return NULL;
	other = c->compat ? source_resolve(n->document->name, n->text) : str_dup(n->text);
	return !str_eq(other, path) && file_exists(other) ? STEAL(other) : NULL;
}

static void hint(
	const struct config *c, struct checker *checker, const struct node *n, const char *path)
{
	CLEANUP(free) char *other = found_elsewhere(c, n, path);

	if (!other)
		return;
	if (c->compat)
		checker_hint(checker,
			"as in LinuxKit, it is looked for in the current directory; there is %s",
			other);
	else
		checker_hint(checker,
			"it is looked for beside the YAML file; the current directory has one, "
			"which is used with --compat");
}

/* Nothing is opened: it may be a pipe. */
static int look(const char *path, struct werr **err)
{
	struct stat st;

	if (stat(path, &st) < 0 || faccessat(AT_FDCWD, path, R_OK, AT_EACCESS) < 0)
		return werr_errno(err, errno, "can't open %s", path);
	if (S_ISDIR(st.st_mode))
		return werr_set(err, WERR_INVALID, "%s is a directory, not a file", path);
	return 0;
}

static void check_source(const struct config *c, struct checker *checker, const struct node *file)
{
	const struct node *n = node_get(file, "source"), *optional = node_get(file, "optional");
	CLEANUP(free) char *path = NULL;
	struct werr *err = NULL;
	bool may_miss = false;

	if (!n || n->kind != NODE_SCALAR || !n->size || strlen(n->text) != n->size)
		return;
	path = config_file_source(c, n);
	if (look(path, &err) == 0)
		return;
	if (optional && node_to_bool(optional, &may_miss) && may_miss && !file_exists(path)) {
		CLEANUP(free) char *other = found_elsewhere(c, n, path);

		werr_free(err);
		if (!other)
			return;
		checker_warn(checker, n, "%s is skipped, because it does not exist", path);
	} else {
		checker_take(checker, n, err);
	}
	hint(c, checker, n, path);
}

void config_check_sources(const struct config *c, struct checker *checker)
{
	for (size_t d = 0; d < c->n_documents; d++) {
		const struct node *list = node_get(c->documents[d]->root, "files");

		for (size_t i = 0; list && list->kind == NODE_LIST && i < list->n; i++)
			check_source(c, checker, list->items[i]);
	}
}
