/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/disklist.h"

#include <glob.h>
#include <limits.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/path.h"
#include "init/rootdev.h"
#include "tools/wholedisk.h"

int disklist_check(const struct strv *words, struct werr **err)
{
	const char *word;

	STRV_FOREACH (word, words)
		if (!str_after(word, "/dev/")) {
			int r = werr_set(err, WERR_USAGE, "'%s' is not a device", word);

			werr_hint(err, "it is a path such as /dev/vda, or a pattern as /dev/sd*");
			return r;
		}
	return 0;
}

/* The names of disks that a path or pattern means; partitions are none. */
static void expand(const char *pattern, struct strv *ret)
{
	glob_t found = {0};

	if (glob(pattern, GLOB_NOSORT, NULL, &found) == 0)
		for (size_t i = 0; i < found.gl_pathc; i++) {
			char path[PATH_MAX];
			CLEANUP(free)
			char *name = realpath(found.gl_pathv[i], path) ? path_base(path) : NULL;

			if (name && wholedisk_is(WHOLEDISK_SYS, name) && !strv_has(ret, name))
				strv_add(ret, name);
		}
	globfree(&found);
}

static void list(const struct strv *words, struct strv *ret)
{
	const char *word;

	if (!words->n)
		wholedisk_list(WHOLEDISK_SYS, ret);
	STRV_FOREACH (word, words)
		expand(word, ret);
	strv_sort(ret);
}

/* The first of what list() finds, for rootdev_wait(); the words are joined by spaces. */
static char *find_first(const char *joined)
{
	CLEANUP(strv) struct strv words = {0}, names = {0};

	if (*joined)
		strv_split(&words, joined, ' ');
	list(&words, &names);
	return names.n ? str_dup(names.items[0]) : NULL;
}

int disklist_wait(const struct strv *words, struct strv *ret, struct werr **err)
{
	CLEANUP(free) char *joined = strv_join(words, " ");
	CLEANUP(free) char *first = rootdev_wait(find_first, joined, DISKLIST_WAIT_MS, NULL);
	int r;

	list(words, ret);
	if (first && ret->n && ret->n <= DISKLIST_MAX)
		return 0;
	r = werr_set(err, WERR_NOT_FOUND, "no disk %s%sappeared in %d s", joined,
		*joined ? " " : "", DISKLIST_WAIT_MS / 1000);
	werr_hint(err, "a partition is none");
	return r;
}
