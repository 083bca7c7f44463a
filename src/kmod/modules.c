/* SPDX-License-Identifier: Apache-2.0 */
#include "kmod/modules.h"

#include <fnmatch.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"

enum { INDEX_FILE_MAX = 16 << 20 };

struct module {
	const char *file;  /* in the text of modules.dep or modules.builtin */
	const char *name;  /* the last part of file */
	const char *needs; /* in the text; separated by spaces, direct needs first */
	bool builtin;
};

struct module_index {
	char *dep, *alias, *builtin; /* dep and builtin are split into strings in place */
	struct module *modules;      /* sorted by name, when first needed */
	size_t n, cap;
	bool listed;
};

char *module_name(const char *file)
{
	char *name = path_base(file), *end = strstr(name, ".ko");

	if (end)
		*end = 0;
	for (char *p = name; *p; p++)
		if (*p == '-')
			*p = '_';
	return name;
}

/* A character of a module's name, with '-' as '_'; 0 at its end. */
static int name_char(const char *s)
{
	if (*s == '-')
		return '_';
	return str_after(s, ".ko") ? 0 : (unsigned char)*s;
}

static int compare_names(const char *a, const char *b)
{
	while (name_char(a) && name_char(a) == name_char(b)) {
		a++;
		b++;
	}
	return name_char(a) - name_char(b);
}

static int compare_modules(const void *a, const void *b)
{
	const struct module *m = a, *n = b;
	int order = compare_names(m->name, n->name);

	/* Should a name exist twice, the loadable module wins over the built-in one. */
	return order ? order : (int)m->builtin - (int)n->builtin;
}

static void index_add(struct module_index *index, const char *file, const char *needs, bool builtin)
{
	const char *slash = strrchr(file, '/');

	mem_grow(&index->modules, index->n, &index->cap, sizeof(*index->modules));
	index->modules[index->n++] =
		(struct module){file, slash ? slash + 1 : file, needs, builtin};
}

/* Cut the next line off *text; NULL at the end. */
static char *next_line(char **text)
{
	char *line = *text, *end;

	if (!line || !*line)
		return NULL;
	end = strchr(line, '\n');
	if (end)
		*end++ = 0;
	else
		end = line + strlen(line);
	*text = end;
	return line;
}

struct module_index *module_index_new(char *dep, char *alias, char *builtin)
{
	struct module_index *index = mem_new(struct module_index);

	*index = (struct module_index){.dep = dep, .alias = alias, .builtin = builtin};
	return index;
}

static void list_modules(struct module_index *index)
{
	char *text, *line;

	if (index->listed)
		return;
	index->listed = true;
	for (text = index->dep; (line = next_line(&text));) {
		char *colon = strchr(line, ':');

		if (!colon)
			continue;
		*colon = 0;
		index_add(index, line, colon + 1, false);
	}
	for (text = index->builtin; (line = next_line(&text));)
		index_add(index, line, "", true);
	if (index->n)
		qsort(index->modules, index->n, sizeof(*index->modules), compare_modules);
}

static char *read_optional(const char *dir, const char *name)
{
	CLEANUP(free) char *path = path_join(dir, name);
	char *text = NULL;
	size_t size;

	return file_read(path, INDEX_FILE_MAX, &text, &size, NULL) < 0 ? NULL : text;
}

int module_index_read(const char *dir, struct module_index **ret, struct werr **err)
{
	CLEANUP(free) char *path = path_join(dir, "modules.dep");
	char *dep = NULL;
	size_t size;
	int r = file_read(path, INDEX_FILE_MAX, &dep, &size, err);

	if (r < 0)
		return r;
	*ret = module_index_new(
		dep, read_optional(dir, "modules.alias"), read_optional(dir, "modules.builtin"));
	return 0;
}

bool module_index_is_empty(const struct module_index *index)
{
	return !index->dep || !*index->dep;
}

void module_index_free(struct module_index *index)
{
	if (!index)
		return;
	free(index->modules);
	free(index->dep);
	free(index->alias);
	free(index->builtin);
	free(index);
}

static const struct module *find(struct module_index *index, const char *name)
{
	size_t low = 0, high;

	list_modules(index);
	high = index->n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_names(index->modules[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < index->n && compare_names(index->modules[low].name, name) == 0)
		return &index->modules[low];
	return NULL;
}

int module_index_order(
	struct module_index *index, const char *name, struct strv *ret_files, struct werr **err)
{
	const struct module *m = find(index, name);
	CLEANUP(strv) struct strv needs = {0};

	if (!m)
		return werr_set(err, WERR_NOT_FOUND, "there is no kernel module %s", name);
	if (m->builtin)
		return 0;
	strv_split(&needs, m->needs, ' ');
	if (needs.n > MODULE_NEEDS_MAX)
		return werr_set(err, WERR_LIMIT, "the kernel module %s needs more than %d others",
			name, MODULE_NEEDS_MAX);
	/* A line lists all needs, including indirect ones; each is needed by those before it. */
	for (size_t i = needs.n; i-- > 0;)
		if (*needs.items[i] && !strv_has(ret_files, needs.items[i]))
			strv_add(ret_files, needs.items[i]);
	if (!strv_has(ret_files, m->file))
		strv_add(ret_files, m->file);
	return 0;
}

/* The index of the first sorted alias that does not sort before the prefix, of size bytes. */
static size_t first_with(const struct strv *aliases, const char *prefix, size_t size)
{
	size_t low = 0, high = aliases->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strncmp(aliases->items[middle], prefix, size) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/*
 * Most patterns begin with text that no device has, so a binary search for that text saves nearly
 * all matching.
 */
static bool any_matches(const struct strv *aliases, const char *pattern)
{
	size_t size = strcspn(pattern, "*?[\\");

	for (size_t i = first_with(aliases, pattern, size);
		i < aliases->n && strncmp(aliases->items[i], pattern, size) == 0; i++)
		if (fnmatch(pattern, aliases->items[i], 0) == 0)
			return true;
	return false;
}

void module_index_match(
	const struct module_index *index, const struct strv *sorted_aliases, struct strv *ret_names)
{
	CLEANUP(buf) struct buf pattern = BUF_INIT(INDEX_FILE_MAX);
	const char *line = index->alias;

	/* "alias PATTERN NAME" */
	while (line && *line) {
		const char *end = line + strcspn(line, "\n"), *from = str_after(line, "alias ");
		size_t size = from ? strcspn(from, " \n") : 0;

		line = *end ? end + 1 : end;
		if (!from || from[size] != ' ')
			continue;
		buf_truncate(&pattern, 0);
		buf_add(&pattern, from, size);
		if (any_matches(sorted_aliases, buf_str(&pattern))) {
			const char *name = from + size + 1;
			CLEANUP(free) char *copy = str_dup_n(name, (size_t)(end - name));

			if (!strv_has(ret_names, copy))
				strv_add(ret_names, copy);
		}
	}
}
