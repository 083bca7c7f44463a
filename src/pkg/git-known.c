/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/git-known.h"

#include <stdlib.h>
#include <string.h>

#include "pkg/git-files.h"
#include "pkg/git.h"

struct entry {
	char *directory; /* as the caller named it */
	char *top;       /* of its repository; NULL: asked, or there is none */
	char *inside;    /* its path in there, "" for the top itself */
	char *hash;      /* NULL: not known */
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
		free(k->entries[i].directory);
		free(k->entries[i].top);
		free(k->entries[i].inside);
		free(k->entries[i].hash);
	}
	free(k->entries);
	free(k);
}

bool git_known_get(
	const struct git_known *k, const char *directory, const char **ret_hash, bool *ret_dirty)
{
	for (size_t i = 0; k && i < k->n; i++)
		if (k->entries[i].hash && str_eq(k->entries[i].directory, directory)) {
			*ret_hash = k->entries[i].hash;
			*ret_dirty = k->entries[i].dirty;
			return true;
		}
	return false;
}

static void find_top(struct entry *e)
{
	struct git_place place = {0};

	if (git_find(e->directory, &place, NULL) < 0)
		return;
	e->top = place.top;
	e->inside = place.inside;
}

/* Ask for one line each; a directory that HEAD does not have makes the command fail. */
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

static bool is_below(const char *path, const char *directory)
{
	const char *rest = str_after(path, directory);

	return !*directory || (rest && (*rest == '/' || !*rest));
}

static bool ask_changes(const char *top, struct entry *const *group, size_t n)
{
	CLEANUP(strv) struct strv directories = {0}, changes = {0};
	const char *path;

	for (size_t i = 0; i < n; i++)
		strv_add(&directories, group[i]->inside);
	if (git_list_changes(top, &directories, &changes, NULL) < 0)
		return false;
	STRV_FOREACH (path, &changes)
		for (size_t i = 0; i < n; i++)
			group[i]->dirty |= is_below(path, group[i]->inside);
	return true;
}

/* Ask about all that are in the repository of the first remaining one. */
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

struct git_known *git_known_new(const struct strv *directories)
{
	struct git_known *k = mem_new(struct git_known);
	const char *directory;

	k->entries = mem_new_array(struct entry, directories->n + 1);
	STRV_FOREACH (directory, directories)
		k->entries[k->n++].directory = str_dup(directory);
	for (size_t i = 0; i < k->n; i++)
		find_top(&k->entries[i]);
	for (size_t i = 0; i < k->n; i++)
		if (k->entries[i].top)
			ask_repository(k, i);
	return k;
}
