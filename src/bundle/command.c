/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/command.h"

#include <stdlib.h>

#include "base/mem.h"
#include "bundle/settings.h"
#include "config/values.h"

void bundle_command_cleanup(struct bundle_command *i)
{
	free(i->program);
	free(i->path);
	free(i->cwd);
	strv_clear(&i->mounts);
}

static char *program_of(const struct settings *s)
{
	const struct node *command = settings_get(s, "command");
	const struct strv *args = s->image->entrypoint.n ? &s->image->entrypoint : &s->image->cmd;

	if (command)
		return command->n ? str_dup(command->items[0]->text) : NULL;
	return args->n ? str_dup(args->items[0]) : NULL;
}

static void take_path(struct bundle_command *i, const char *variable)
{
	const char *value = str_after(variable, "PATH=");

	if (value)
		str_replace(&i->path, value);
}

static void take_path_of(struct bundle_command *i, const struct node *env)
{
	for (size_t k = 0; env && k < env->n; k++)
		take_path(i, env->items[k]->text);
}

/* The last one counts. */
static void find_path(struct bundle_command *i, const struct settings *s)
{
	const struct node *env = settings_get(s, "env");
	const char *variable;

	take_path_of(i, env);
	if (!env)
		STRV_FOREACH (variable, &s->image->env)
			take_path(i, variable);
	take_path_of(i, node_get(s->label, "env.add"));
	take_path_of(i, node_get(s->yaml, "env.add"));
	if (!i->path && settings_path(s))
		take_path(i, settings_path(s));
}

/* "source:destination:options", without the source for a tmpfs. */
static void add_texts(struct bundle_command *i, const struct node *list, bool has_source)
{
	for (size_t k = 0; list && k < list->n; k++) {
		const char *text = list->items[k]->text;

		if (has_source)
			text += strcspn(text, ":") + 1;
		strv_take(&i->mounts, str_dup_n(text, strcspn(text, ":")));
	}
}

static void add_maps(struct bundle_command *i, const struct node *list)
{
	for (size_t k = 0; list && k < list->n; k++) {
		const char *destination = mount_map_destination(list->items[k]);

		if (destination)
			strv_add(&i->mounts, destination);
	}
}

static void find_mounts(struct bundle_command *i, const struct settings *s)
{
	static const char *const always[] = {"/dev", "/proc", "/sys"};

	for (size_t k = 0; k < ARRAY_SIZE(always); k++)
		strv_add(&i->mounts, always[k]);
	add_texts(i, settings_get(s, "tmpfs"), false);
	add_texts(i, settings_get(s, "binds"), true);
	add_texts(i, node_get(s->label, "binds.add"), true);
	add_texts(i, node_get(s->yaml, "binds.add"), true);
	add_maps(i, settings_get(s, "mounts"));
}

int bundle_command_get(const struct config *c, const struct config_container *entry,
	const struct image_config *image, struct bundle_command *ret, struct werr **err)
{
	CLEANUP(document) struct document *label = NULL;
	struct bundle_command i = {0};
	const char *cwd;
	struct settings s;
	int r = settings_init(&s, c, entry, image, &label, err);

	if (r < 0)
		return r;
	i.program = program_of(&s);
	i.of_entry = node_get(s.yaml, "command");
	find_path(&i, &s);
	cwd = settings_text(&s, "cwd");
	if (!cwd && image->working_dir && *image->working_dir)
		cwd = image->working_dir;
	i.cwd = str_dup(cwd ? cwd : "/");
	find_mounts(&i, &s);
	*ret = i;
	return 0;
}
