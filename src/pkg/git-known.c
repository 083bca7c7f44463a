/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/git-known.h"

#include <stdlib.h>
#include <string.h>

#include "pkg/git-files.h"
#include "pkg/git.h"

struct entry {
	char *folder; /* as it was named */
	char *top;    /* of its repository; NULL: asked, or there is none */
	char *inside; /* its path in there, "" for the top itself */
	char *hash;   /* NULL: not known */
	bool dirty;
};

struct git_known {
	struct entry *entries;
	size_t n;
};

void git_known_free(struct git_known *k)
{
	if (!k)
		return;
	for (size_t i = 0; i < k->n; i++) {
		free(k->entries[i].folder);
		free(k->entries[i].top);
		free(k->entries[i].inside);
		free(k->entries[i].hash);
	}
	free(k->entries);
	free(k);
}

bool git_known_get(
	const struct git_known *k, const char *folder, const char **ret_hash, bool *ret_dirty)
{
	for (size_t i = 0; k && i < k->n; i++)
		if (k->entries[i].hash && str_eq(k->entries[i].folder, folder)) {
			*ret_hash = k->entries[i].hash;
			*ret_dirty = k->entries[i].dirty;
			return true;
		}
	return false;
}

static void find_top(struct entry *e)
{
	struct git_place place = {0};

	if (git_find(e->folder, &place, NULL) < 0)
		return;
	e->top = place.top;
	e->inside = place.inside;
}

/* One line for each; a folder that HEAD does not have makes all of it fail. */
static bool ask_hashes(const char *top, struct entry *const *group, size_t n)
{
	CLEANUP(strv) struct strv args = {0}, lines = {0};
	CLEANUP(free) char *output = NULL;

	strv_add(&args, "rev-parse");
	for (size_t i = 0; i < n; i++)
		strv_addf(&args, "HEAD:%s", group[i]->inside);
	if (git_run(top, (const char *const *)args.items, &output, NULL, NULL, NULL) < 0)
		return false;
	strv_split(&lines, output, '\n');
	if (lines.n < n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!git_is_hash(lines.items[i]))
			return false;
	for (size_t i = 0; i < n; i++)
		group[i]->hash = str_dup(lines.items[i]);
	return true;
}

static bool is_below(const char *path, const char *folder)
{
	const char *rest = str_after(path, folder);

	return !*folder || (rest && (*rest == '/' || !*rest));
}

static bool ask_changes(const char *top, struct entry *const *group, size_t n)
{
	CLEANUP(strv) struct strv folders = {0}, changes = {0};
	const char *path;

	for (size_t i = 0; i < n; i++)
		strv_add(&folders, group[i]->inside);
	if (git_list_changes(top, &folders, &changes, NULL) < 0)
		return false;
	STRV_FOREACH (path, &changes)
		for (size_t i = 0; i < n; i++)
			group[i]->dirty |= is_below(path, group[i]->inside);
	return true;
}

/* All that are in the repository of the first one that is left. */
static void ask_repository(struct git_known *k, size_t first)
{
	CLEANUP(free) struct entry **group = mem_new_array(struct entry *, k->n);
	CLEANUP(free) char *top = STEAL(k->entries[first].top);
	size_t n = 0;

	group[n++] = &k->entries[first];
	for (size_t i = first + 1; i < k->n; i++)
		if (k->entries[i].top && str_eq(k->entries[i].top, top)) {
			str_replace(&k->entries[i].top, NULL);
			group[n++] = &k->entries[i];
		}
	if (!ask_hashes(top, group, n) || ask_changes(top, group, n))
		return;
	for (size_t i = 0; i < n; i++)
		str_replace(&group[i]->hash, NULL);
}

struct git_known *git_known_new(const struct strv *folders)
{
	struct git_known *k = mem_new(struct git_known);
	const char *folder;

	k->entries = mem_new_array(struct entry, folders->n + 1);
	STRV_FOREACH (folder, folders)
		k->entries[k->n++].folder = str_dup(folder);
	for (size_t i = 0; i < k->n; i++)
		find_top(&k->entries[i]);
	for (size_t i = 0; i < k->n; i++)
		if (k->entries[i].top)
			ask_repository(k, i);
	return k;
}
