/* SPDX-License-Identifier: Apache-2.0 */
/* Binds, tmpfs, and what a mount's map leaves out. */
#include "base/mem.h"
#include "config/grants.h"
#include "config/values.h"

void mount_text_cleanup(struct mount_text *m)
{
	free(m->source);
	free(m->destination);
	strv_clear(&m->options);
}

int mount_text_parse_bind(const char *text, struct mount_text *ret, struct werr **err)
{
	CLEANUP(strv) struct strv parts = {0};

	strv_split(&parts, text, ':');
	if (parts.n < 2 || parts.n > 3 || !*parts.items[0] || !*parts.items[1])
		return werr_set(err, WERR_INVALID,
			"a bind is source:destination or source:destination:options, not '%.80s'",
			text);
	*ret = (struct mount_text){
		.source = str_dup(parts.items[0]), .destination = str_dup(parts.items[1])};
	if (parts.n == 3)
		strv_split(&ret->options, parts.items[2], ',');
	return 0;
}

int mount_text_parse_tmpfs(const char *text, struct mount_text *ret, struct werr **err)
{
	CLEANUP(strv) struct strv parts = {0};

	strv_split(&parts, text, ':');
	if (parts.n > 2 || !*parts.items[0])
		return werr_set(err, WERR_INVALID,
			"a tmpfs is destination or destination:options, not '%.80s'", text);
	*ret = (struct mount_text){.destination = str_dup(parts.items[0])};
	if (parts.n == 2)
		strv_split(&ret->options, parts.items[1], ',');
	return 0;
}

/* The usual places of file systems that exist once. */
static const struct {
	const char *type, *destination;
} usual[] = {{"proc", "/proc"}, {"devpts", "/dev/pts"}, {"sysfs", "/sys"},
	{"cgroup", "/sys/fs/cgroup"}, {"mqueue", "/dev/mqueue"}};

static const char *text_of(const struct node *mount, const char *key)
{
	const char *text = node_get_text(mount, key);

	return text && *text ? text : NULL;
}

const char *mount_map_type(const struct node *mount)
{
	const char *type = text_of(mount, "type"), *source = text_of(mount, "source");
	const char *destination = text_of(mount, "destination");

	if (type)
		return type;
	for (size_t i = 0; source && i < ARRAY_SIZE(usual); i++)
		if (str_eq(usual[i].type, source))
			return source;
	return destination && str_eq(destination, "/dev") ? "tmpfs" : NULL;
}

const char *mount_map_destination(const struct node *mount)
{
	const char *destination = text_of(mount, "destination"), *type = mount_map_type(mount);

	if (destination)
		return destination;
	for (size_t i = 0; type && i < ARRAY_SIZE(usual); i++)
		if (str_eq(usual[i].type, type))
			return usual[i].destination;
	return NULL;
}

/* The root as a source, however it is written. */
static void warn_root(struct checker *c, const struct node *n, const char *source, bool readonly)
{
	if (source[0] != '/' || source[strspn(source, "/.")] != '\0' || strstr(source, "..") ||
		readonly || grant_is_accepted(c->entry, "binds"))
		return;
	checker_warn(c, n, "%s: it can write everywhere in the system", buf_str(&c->where));
	checker_hint(c, "bind the directory that it needs, or add the option 'rro'");
}

static void check_bind(struct checker *c, const struct node *n)
{
	CLEANUP(mount_text) struct mount_text m = {0};
	struct werr *err = NULL;

	if (mount_text_parse_bind(n->text, &m, &err) < 0)
		checker_take(c, n, err);
	else
		warn_root(
			c, n, m.source, strv_has(&m.options, "ro") || strv_has(&m.options, "rro"));
}

const struct form form_bind = {.check = check_bind, .pattern = "^[^:]+:[^:]+(:[^:]*)?$"};

static void check_tmpfs(struct checker *c, const struct node *n)
{
	CLEANUP(mount_text) struct mount_text m = {0};
	struct werr *err = NULL;

	if (mount_text_parse_tmpfs(n->text, &m, &err) < 0)
		checker_take(c, n, err);
}

const struct form form_tmpfs = {.check = check_tmpfs, .pattern = "^[^:]+(:[^:]*)?$"};

bool mount_map_has_option(const struct node *mount, const char *option)
{
	const struct node *options = node_get(mount, "options");

	for (size_t i = 0; options && i < options->n; i++)
		if (str_eq(options->items[i]->text, option))
			return true;
	return false;
}

bool mount_map_is_bind(const struct node *mount)
{
	const char *type = mount_map_type(mount);

	return (type && str_eq(type, "bind")) || mount_map_has_option(mount, "bind") ||
	       mount_map_has_option(mount, "rbind");
}

void check_mount(struct checker *c, const struct node *n)
{
	const char *type = mount_map_type(n), *source = text_of(n, "source");

	if (!type) {
		checker_add(c, n, "%s has no 'type'", buf_str(&c->where));
		return;
	}
	if (!mount_map_destination(n))
		checker_add(c, n, "%s has no 'destination'", buf_str(&c->where));
	if (str_eq(type, "bind") && !source)
		checker_add(c, n, "%s is a bind and has no 'source'", buf_str(&c->where));
	else if (source && mount_map_is_bind(n))
		warn_root(c, node_get(n, "source"), source,
			mount_map_has_option(n, "ro") || mount_map_has_option(n, "rro"));
}
