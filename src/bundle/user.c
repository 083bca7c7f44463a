/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/user.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"

enum { FIELDS = 4 }; /* passwd(5): name, password, uid, gid; group(5): name, password, gid, users */

void user_ids_add(struct user_ids *ids, uint32_t group)
{
	mem_grow(&ids->groups, ids->n_groups, &ids->cap, sizeof(ids->groups[0]));
	ids->groups[ids->n_groups++] = group;
}

void user_ids_cleanup(struct user_ids *ids)
{
	free(ids->groups);
	*ids = (struct user_ids){0};
}

/* A part of a line. */
struct field {
	const char *text;
	size_t size;
};

static bool field_is(const struct field *f, const char *text)
{
	return f->size == strlen(text) && memcmp(f->text, text, f->size) == 0;
}

/* Ids are 32 bits, and the last one means "none". */
static bool to_id(const char *text, size_t size, uint32_t *ret)
{
	uint64_t value = 0;

	if (size == 0 || size > 10)
		return false;
	for (size_t i = 0; i < size; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		value = value * 10 + (uint64_t)(text[i] - '0');
	}
	*ret = (uint32_t)value;
	return value < UINT32_MAX;
}

/* The next line's fields; missing ones are empty. false: no more lines. */
static bool next_line(struct user_file *rest, struct field fields[static FIELDS])
{
	const char *end, *line = rest->text;
	size_t n;

	if (!line || rest->size == 0)
		return false;
	end = memchr(line, '\n', rest->size);
	n = end ? (size_t)(end - line) : rest->size;
	rest->text += n + (end != NULL);
	rest->size -= n + (end != NULL);
	for (size_t i = 0; i < FIELDS; i++) {
		const char *colon = memchr(line, ':', n);
		size_t size = colon ? (size_t)(colon - line) : n;

		fields[i] = (struct field){line, size};
		line += size + (colon != NULL);
		n -= size + (colon != NULL);
	}
	return true;
}

/* A line of passwd that is the user's, by name or number. */
static bool find_user(const char *user, const struct user_file *passwd, struct field *ret_name,
	struct user_ids *ret)
{
	struct user_file rest = *passwd;
	struct field f[FIELDS];
	uint32_t wanted, uid, gid;
	bool number = to_id(user, strlen(user), &wanted);

	while (next_line(&rest, f)) {
		if (f[0].size == 0 || !to_id(f[2].text, f[2].size, &uid) ||
			!to_id(f[3].text, f[3].size, &gid))
			continue;
		if (!field_is(&f[0], user) && !(number && uid == wanted))
			continue;
		*ret_name = f[0];
		ret->uid = uid;
		ret->gid = gid;
		return true;
	}
	return false;
}

static bool find_group(const char *name, const struct user_file *group, uint32_t *ret)
{
	struct user_file rest = *group;
	struct field f[FIELDS];
	uint32_t wanted = 0, gid;
	bool number = to_id(name, strlen(name), &wanted);

	while (next_line(&rest, f)) {
		if (f[0].size == 0 || !to_id(f[2].text, f[2].size, &gid) ||
			(!field_is(&f[0], name) && !(number && gid == wanted)))
			continue;
		*ret = gid;
		return true;
	}
	*ret = wanted;
	return number;
}

/* "a,b,c" */
static bool list_has(struct field list, const struct field *name)
{
	while (list.size > 0) {
		const char *comma = memchr(list.text, ',', list.size);
		size_t n = comma ? (size_t)(comma - list.text) : list.size;

		if (n == name->size && memcmp(list.text, name->text, n) == 0)
			return true;
		list.text += n + (comma != NULL);
		list.size -= n + (comma != NULL);
	}
	return false;
}

static int add_groups(const struct field *name, const struct user_file *group, struct user_ids *ret,
	struct werr **err)
{
	struct user_file rest = *group;
	struct field f[FIELDS];
	uint32_t gid;

	while (next_line(&rest, f)) {
		if (f[0].size == 0 || !to_id(f[2].text, f[2].size, &gid) || !list_has(f[3], name))
			continue;
		if (ret->n_groups == USER_GROUPS_MAX)
			return werr_set(err, WERR_LIMIT,
				"the user '%.*s' is in more than %d groups of the image",
				(int)(name->size < 80 ? name->size : 80), name->text,
				(int)USER_GROUPS_MAX);
		user_ids_add(ret, gid);
	}
	return 0;
}

static int unknown(
	const char *what, const char *name, const char *user, const char *file, struct werr **err)
{
	werr_set(err, WERR_INVALID,
		"the image's user '%.80s' can't be found: its %s has no %s '%.80s'", user, file,
		what, name);
	werr_hint(err, "give the numbers with 'uid:' and 'gid:'");
	return werr_code(WERR_INVALID);
}

int user_resolve(const char *user, const struct user_file *passwd, const struct user_file *group,
	struct user_ids *ret, struct werr **err)
{
	const char *colon = strchr(user, ':'), *group_name = colon ? colon + 1 : "";
	CLEANUP(free) char *name = NULL;
	struct field found = {"", 0};
	CLEANUP(user_ids) struct user_ids ids = {0};
	int r = 0;

	if (strlen(user) > USER_TEXT_MAX)
		return werr_set(err, WERR_LIMIT, "the name of the image's user is too long");
	name = colon ? str_dup_n(user, (size_t)(colon - user)) : str_dup(user);
	if (!*name)
		str_replace(&name, "0");
	if (!find_user(name, passwd, &found, &ids) && !to_id(name, strlen(name), &ids.uid))
		return unknown("user", name, user, "/etc/passwd", err);
	if (*group_name) {
		if (!find_group(group_name, group, &ids.gid))
			return unknown("group", group_name, user, "/etc/group", err);
	} else if (found.size > 0) {
		r = add_groups(&found, group, &ids, err);
	}
	if (r < 0)
		return r;
	*ret = ids;
	ids = (struct user_ids){0};
	return 0;
}

bool user_needs_files(const char *user)
{
	const char *colon = strchr(user, ':');
	uint32_t id;

	return !colon || !to_id(user, (size_t)(colon - user), &id) ||
	       !to_id(colon + 1, strlen(colon + 1), &id);
}
