/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/component-path.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "pkg/pkg-find.h"

/* In the directory that the program's own directory is in; WHERRY_DATADIR is the configured one. */
#define SHARE "share/wherry"

const struct option component_path_options[] = {
	{.name = "pkg-path",
		.kind = OPTION_REPEAT,
		.value = "DIR",
		.help = "Look for packages that have no path also in this directory",
		.offset = offsetof(struct component_path_options, dirs)},
	{0},
};

/* PREFIX/share/wherry for PREFIX/bin/wherry, wherever that was moved to; NULL: it has none. */
static char *beside_program(void)
{
	char program[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", program, sizeof(program) - 1);
	CLEANUP(free) char *bin = NULL, *prefix = NULL, *share = NULL;

	if (n <= 0)
		return NULL;
	program[n] = '\0';
	bin = path_dir(program);
	prefix = path_dir(bin);
	share = path_join(prefix, SHARE);
	return realpath(share, NULL);
}

const struct strv *component_path_tops(void)
{
	static struct strv tops; /* for as long as the program runs */
	CLEANUP(free) char *beside = NULL, *configured = NULL;

	if (tops.n)
		return &tops;
	beside = beside_program();
	configured = realpath(WHERRY_DATADIR "/wherry", NULL);
	if (beside)
		strv_add(&tops, beside);
	if (!configured || !beside || !str_eq(beside, configured))
		strv_add(&tops, configured ? configured : WHERRY_DATADIR "/wherry");
	return &tops;
}

void component_path_list(const struct component_path_options *o, struct strv *ret)
{
	const struct strv *tops = component_path_tops();
	CLEANUP(strv) struct strv given = {0};
	const char *dir, *environment = getenv("WHERRY_PKG_PATH");

	strv_add_all(ret, &o->dirs);
	if (environment)
		strv_split(&given, environment, ':');
	STRV_FOREACH (dir, &given)
		if (*dir)
			strv_add(ret, dir);
	STRV_FOREACH (dir, tops)
		strv_take(ret, path_join(dir, "pkg"));
}

int component_path_find(
	const struct component_path_options *o, const char *operand, char **ret, struct werr **err)
{
	CLEANUP(strv) struct strv path = {0};

	if (file_exists(operand)) {
		*ret = str_dup(operand);
		return 0;
	}
	component_path_list(o, &path);
	return pkg_find("", operand, &path, ret, err);
}
