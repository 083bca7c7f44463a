/* SPDX-License-Identifier: Apache-2.0 */
/* config.json's process: runtime-spec config.md "Process". */
#include <strings.h>

#include "base/mem.h"
#include "bundle/spec.h"
#include "config/values.h"
#include "contract/docker.h"

/* ---- capabilities ---- */

struct capability_list {
	struct strv in_order; /* as given; duplicates are harmless */
	bool has[CAPABILITY_COUNT];
};
static void capability_list_cleanup(struct capability_list *l)
{
	strv_clear(&l->in_order);
}

static void add_capability(struct capability_list *l, unsigned number)
{
	strv_add(&l->in_order, capability_name(number));
	l->has[number] = true;
}

/* In the order of their numbers; none twice. */
static void add_all(struct capability_list *l)
{
	for (unsigned i = 0; i < CAPABILITY_COUNT; i++)
		if (!l->has[i])
			add_capability(l, i);
}

static void add_docker(struct capability_list *l)
{
	for (size_t i = 0; i < DOCKER_CAPABILITIES; i++) {
		unsigned number;

		if (capability_parse(contract_docker_capabilities[i], &number) && !l->has[number])
			add_capability(l, number);
	}
}

/* Names, or words for several, or none. */
static void add_capabilities(struct capability_list *l, const struct node *list)
{
	unsigned number;

	for (size_t i = 0; list && i < list->n; i++) {
		const char *name = list->items[i]->text;

		if (capability_parse(name, &number))
			add_capability(l, number);
		else if (strcasecmp(name, "all") == 0)
			add_all(l);
		else if (capability_is_docker(name))
			add_docker(l);
	}
}

static void find_capabilities(const struct settings *s, struct capability_list *effective,
	struct capability_list *ambient)
{
	add_capabilities(effective, settings_get(s, "capabilities"));
	add_capabilities(effective, node_get(s->label, "capabilities.add"));
	add_capabilities(effective, node_get(s->yaml, "capabilities.add"));
	add_capabilities(ambient, settings_get(s, "ambient"));
}

uint64_t spec_capabilities(const struct settings *s)
{
	CLEANUP(capability_list) struct capability_list effective = {0}, ambient = {0};
	uint64_t bits = 0;

	find_capabilities(s, &effective, &ambient);
	for (unsigned i = 0; i < CAPABILITY_COUNT; i++)
		if (effective.has[i] || ambient.has[i])
			bits |= UINT64_C(1) << i;
	return bits;
}

static void write_capabilities(struct json_writer *w, const struct settings *s)
{
	CLEANUP(capability_list) struct capability_list effective = {0}, ambient = {0}, all = {0};

	find_capabilities(s, &effective, &ambient);
	for (unsigned i = 0; i < CAPABILITY_COUNT; i++)
		if (effective.has[i] || ambient.has[i])
			add_capability(&all, i);
	strv_sort(&all.in_order);
	json_key(w, "capabilities");
	json_open_object(w);
	json_key_strings_opt(w, "bounding", &all.in_order);
	json_key_strings_opt(w, "effective", &effective.in_order);
	json_key_strings_opt(w, "inheritable", &all.in_order);
	json_key_strings_opt(w, "permitted", &all.in_order);
	json_key_strings_opt(w, "ambient", &ambient.in_order);
	json_close_object(w);
}

/* ---- the rest ---- */

static void write_args(struct json_writer *w, const struct settings *s)
{
	const struct node *command = settings_get(s, "command");
	CLEANUP(strv) struct strv args = {0};

	if (command) {
		spec_write_list(w, "args", command);
		return;
	}
	strv_add_all(&args, &s->image->entrypoint);
	strv_add_all(&args, &s->image->cmd);
	json_key_strings_opt(w, "args", &args);
}

bool spec_has_command(const struct settings *s)
{
	const struct node *command = settings_get(s, "command");

	return command ? command->n > 0 : s->image->entrypoint.n > 0 || s->image->cmd.n > 0;
}

/* The variable with the name that text, "NAME=value", begins with; NULL: there is none. */
static char **find_variable(const struct strv *env, const char *text)
{
	size_t name = strcspn(text, "=");

	for (size_t i = 0; i < env->n; i++)
		if (strncmp(env->items[i], text, name) == 0 &&
			(env->items[i][name] == '=' || env->items[i][name] == '\0'))
			return &env->items[i];
	return NULL;
}

static void add_variables(struct strv *env, const struct node *list)
{
	for (size_t i = 0; list && i < list->n; i++) {
		const char *text = list->items[i]->text;
		char **there = find_variable(env, text);

		if (there)
			str_replace(there, text);
		else
			strv_add(env, text);
	}
}

static void write_env(struct json_writer *w, const struct settings *s)
{
	const char *path = settings_path(s);
	const struct node *env = settings_get(s, "env");
	CLEANUP(strv) struct strv all = {0};

	for (size_t i = 0; env && i < env->n; i++)
		strv_add(&all, env->items[i]->text);
	if (!env)
		strv_add_all(&all, &s->image->env);
	add_variables(&all, node_get(s->label, "env.add"));
	add_variables(&all, node_get(s->yaml, "env.add"));
	if (path && !find_variable(&all, path))
		strv_add(&all, path);
	json_key_strings_opt(w, "env", &all);
}

static void write_cwd(struct json_writer *w, const struct settings *s)
{
	const char *cwd = settings_text(s, "cwd");

	if (!cwd && s->image->working_dir && *s->image->working_dir)
		cwd = s->image->working_dir;
	json_key_string(w, "cwd", cwd ? cwd : "/");
}

static void write_rlimits(struct json_writer *w, const struct node *list)
{
	if (!list || list->n == 0)
		return;
	json_key(w, "rlimits");
	json_open_array(w);
	for (size_t i = 0; i < list->n; i++) {
		struct rlimit limit = {.type = ""};

		rlimit_parse(list->items[i]->text, &limit, NULL);
		json_open_object(w);
		json_key_string(w, "type", limit.type);
		json_key_u64(w, "hard", limit.hard);
		json_key_u64(w, "soft", limit.soft);
		json_close_object(w);
	}
	json_close_array(w);
}

int spec_write_process(struct json_writer *w, const struct settings *s, struct werr **err)
{
	const struct node *score = settings_get(s, "oomScoreAdj");
	int r;

	json_key(w, "process");
	json_open_object(w);
	r = spec_write_user(w, s, err);
	if (r < 0)
		return r;
	write_args(w, s);
	write_env(w, s);
	write_cwd(w, s);
	write_capabilities(w, s);
	write_rlimits(w, settings_get(s, "rlimits"));
	if (settings_get(s, "noNewPrivileges") ? settings_bool(s, "noNewPrivileges")
					       : spec_limits(s) != LIMITS_NONE && !s->set_id)
		json_key_bool(w, "noNewPrivileges", true);
	if (score) {
		json_key(w, "oomScoreAdj");
		json_node(w, score);
	}
	json_close_object(w);
	return 0;
}
