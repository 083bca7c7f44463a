/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/image-settings.h"

#include "base/mem.h"
#include "base/str.h"

static void take_list(const struct node *list, struct strv *ret)
{
	for (size_t i = 0; list && list->kind == NODE_LIST && i < list->n; i++)
		strv_add(ret, list->items[i]->text);
}

static void set_env(const struct node *config, struct image_config *c)
{
	const char *variable;

	take_list(node_get(config, "env"), &c->env);
	take_list(node_get(config, "env.add"), &c->env);
	STRV_FOREACH (variable, &c->env)
		if (str_after(variable, "PATH="))
			return;
	strv_add(&c->env, IMAGE_DEFAULT_PATH);
}

/* Names of entries mean something in an OS only. */
static void set_user(const struct node *config, struct image_config *c)
{
	const struct node *uid = node_get(config, "uid"), *gid = node_get(config, "gid");
	uint64_t u = 0, g = 0;

	if ((!uid && !gid) || (uid && !node_to_u64(uid, &u)) || (gid && !node_to_u64(gid, &g)))
		return;
	c->user = str_printf("%llu:%llu", (unsigned long long)u, (unsigned long long)g);
}

void pkg_set_image(const struct pkg_yml *y, struct image_config *c)
{
	const struct node *config = y->config_node;
	const char *cwd = node_get_text(config, "cwd");
	const char *stop = node_get_text(node_get(config, "wherry"), "stop-signal");

	strv_add_all(&c->entrypoint, &y->entrypoint);
	/* What engines start is the one or the other: the command is complete by itself. */
	if (!y->entrypoint.n)
		take_list(node_get(config, "command"), &c->cmd);
	set_env(config, c);
	set_user(config, c);
	if (cwd && *cwd)
		c->working_dir = str_dup(cwd);
	if (stop && *stop)
		c->stop_signal = str_dup(stop);
}
