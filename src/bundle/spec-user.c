/* SPDX-License-Identifier: Apache-2.0 */
/* config.json's process.user: runtime-spec config.md "POSIX-platform User". */
#include "base/mem.h"
#include "config/model.h"
#include "bundle/spec.h"
#include "bundle/user.h"

static int find_id(const struct settings *s, const struct node *n, uint32_t *ret, struct werr **err)
{
	CLEANUP(checker) struct checker checker = CHECKER_INIT;

	if (!n || config_id_of(s->config, n, ret))
		return 0;
	/* The YAML's ids were checked when it was read. */
	checker_add(&checker, n, "no entry is named '%.80s'", n->text);
	return checker_finish(&checker, err);
}

static int read_file(const struct settings *s, const char *path, char **text, struct user_file *ret,
	struct werr **err)
{
	int r = 0;

	if (s->files)
		r = s->files->read(path, USER_FILE_MAX, text, &ret->size, s->files->ctx, err);
	if (r == 0)
		ret->text = *text;
	return r;
}

/* The user that the image is made for. */
static int find_image_user(const struct settings *s, struct user_ids *ret, struct werr **err)
{
	const char *user = s->image->user;
	CLEANUP(free) char *passwd_text = NULL;
	CLEANUP(free) char *group_text = NULL;
	struct user_file passwd = {0}, group = {0};
	int r = 0;

	if (s->config->compat || settings_get(s, "uid") || !user || !*user)
		return 0;
	if (user_needs_files(user)) {
		r = read_file(s, "etc/passwd", &passwd_text, &passwd, err);
		if (r == 0)
			r = read_file(s, "etc/group", &group_text, &group, err);
	}
	return r < 0 ? r : user_resolve(user, &passwd, &group, ret, err);
}

/* What the settings say instead. */
static int find_set_ids(const struct settings *s, struct user_ids *ids, struct werr **err)
{
	const struct node *more = settings_get(s, "additionalGids");
	int r = find_id(s, settings_get(s, "uid"), &ids->uid, err);

	if (r == 0)
		r = find_id(s, settings_get(s, "gid"), &ids->gid, err);
	if (!more)
		return r;
	ids->n_groups = 0;
	for (size_t i = 0; r == 0 && i < more->n; i++) {
		uint32_t id = 0;

		r = find_id(s, more->items[i], &id, err);
		user_ids_add(ids, id);
	}
	return r;
}

/*
 * The first group is also one of the others: otherwise a set-group-id program could drop it and
 * reach files that exclude it.
 */
static void add_first_group(struct user_ids *ids)
{
	for (size_t i = 0; i < ids->n_groups; i++)
		if (ids->groups[i] == ids->gid)
			return;
	user_ids_add(ids, ids->gid);
	for (size_t i = ids->n_groups - 1; i > 0; i--)
		ids->groups[i] = ids->groups[i - 1];
	ids->groups[0] = ids->gid;
}

int spec_write_user(struct json_writer *w, const struct settings *s, struct werr **err)
{
	CLEANUP(user_ids) struct user_ids ids = {0};
	int r = find_image_user(s, &ids, err);

	if (r == 0)
		r = find_set_ids(s, &ids, err);
	if (r < 0)
		return r;
	if (!s->config->compat)
		add_first_group(&ids);
	json_key(w, "user");
	json_open_object(w);
	json_key_u64(w, "uid", ids.uid);
	json_key_u64(w, "gid", ids.gid);
	if (ids.n_groups > 0) {
		json_key(w, "additionalGids");
		json_open_array(w);
		for (size_t i = 0; i < ids.n_groups; i++)
			json_u64(w, ids.groups[i]);
		json_close_array(w);
	}
	json_close_object(w);
	return 0;
}
