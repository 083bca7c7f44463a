/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What gives a container more than it has by default (docs/security.md): if the file gives it,
 * `check` warns, unless the entry's `wherry.accept` says that it is intended.
 */
#include "config/grants.h"

#include <strings.h>

#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "config/values.h"

const char *const grant_names[] = {"capabilities", "binds", "devices", "pid", "ipc", "uts",
	"noNewPrivileges", "maskedPaths", "readonlyPaths", "rootfsPropagation", "runtime",
	"seccomp", NULL};

bool grant_is_accepted(const struct node *entry, const char *key)
{
	const struct node *list = node_get(node_get(entry, "wherry"), "accept");

	/* It may not have been checked yet. */
	for (size_t i = 0; list && list->kind == NODE_LIST && i < list->n; i++)
		if (list->items[i]->kind == NODE_SCALAR && str_eq(list->items[i]->text, key))
			return true;
	return false;
}

static void warn(struct checker *checker, const struct node *entry, const struct node *at,
	const char *as, const char *what)
{
	if (!at || grant_is_accepted(entry, as))
		return;
	checker_warn(checker, at, "%s", what);
	checker_hint(checker, "if that is intended, say so with 'wherry: {accept: [%s]}'", as);
}

/* What a container should not write to; below: nor to what is below it. */
static const char *is_delicate(const char *source)
{
	static const struct {
		const char *path;
		bool below;
	} dirs[] = {{"run", false}, {"var/run", false}, {"run/wherry", true}, {"proc", true},
		{"sys", true}};
	CLEANUP(free) char *path = *source == '/' ? path_inside(source) : NULL;

	for (size_t i = 0; path && i < ARRAY_SIZE(dirs); i++) {
		const char *rest = str_after(path, dirs[i].path);

		if (rest && (!*rest || (dirs[i].below && *rest == '/')))
			return dirs[i].path;
	}
	return NULL;
}

/*
 * `ro` only covers the bind itself; below these directories the machine has other file systems
 * mounted, where root's files can be written to.
 */
static bool has_more_below(const char *source)
{
	static const char *const dirs[] = {
		"", "proc", "proc/sys", "proc/sys/fs", "sys", "sys/fs", "sys/kernel"};
	CLEANUP(free) char *path = *source == '/' ? path_inside(source) : NULL;

	for (size_t i = 0; path && i < ARRAY_SIZE(dirs); i++)
		if (str_eq(path, dirs[i]))
			return true;
	return false;
}

static void warn_below(struct checker *checker, const struct node *entry, const struct node *at)
{
	if (grant_is_accepted(entry, "binds"))
		return;
	checker_warn(
		checker, at, "it can write to what is mounted below: 'ro' does not cover that");
	checker_hint(
		checker, "use 'rro' instead, or 'wherry: {accept: [binds]}' if that is intended");
}

static void warn_binds(struct checker *checker, const struct node *entry, const struct node *list)
{
	for (size_t i = 0; list && i < list->n; i++) {
		CLEANUP(mount_text) struct mount_text t = {0};
		CLEANUP(free) char *what = NULL;

		if (mount_text_parse_bind(list->items[i]->text, &t, NULL) < 0 ||
			strv_has(&t.options, "rro"))
			continue;
		if (strv_has(&t.options, "ro")) {
			if (has_more_below(t.source))
				warn_below(checker, entry, list->items[i]);
			continue;
		}
		if (!is_delicate(t.source))
			continue;
		what = str_printf("it can write to the machine's %.80s", t.source);
		warn(checker, entry, list->items[i], "binds", what);
	}
}

static void warn_map(struct checker *checker, const struct node *entry, const struct node *map)
{
	const char *type = mount_map_type(map), *source = node_get_text(map, "source");
	bool whole = type && (str_eq(type, "sysfs") || str_eq(type, "proc"));

	if (mount_map_has_option(map, "rro"))
		return;
	if (mount_map_has_option(map, "ro")) {
		if (mount_map_has_option(map, "rbind") && source && has_more_below(source))
			warn_below(checker, entry, map);
		return;
	}
	if (whole || (source && mount_map_is_bind(map) && is_delicate(source)))
		warn(checker, entry, map, "binds", "it can write to the machine's settings there");
}

static void warn_maps(struct checker *checker, const struct node *entry, const struct node *list)
{
	for (size_t i = 0; list && i < list->n; i++)
		warn_map(checker, entry, list->items[i]);
}

static bool is_hosts(const struct node *n)
{
	return n && (str_eq(n->text, "host") || str_eq(n->text, "root"));
}

static bool is_true(const struct node *n)
{
	bool value = false;

	return node_to_bool(n, &value) && value;
}

static bool has_all(const struct node *list)
{
	for (size_t i = 0; list && i < list->n; i++)
		if (strcasecmp(list->items[i]->text, "all") == 0)
			return true;
	return false;
}

void grants_warn(struct checker *checker, const struct node *entry)
{
	const struct node *capabilities = node_get(entry, "capabilities");
	const struct node *privileges = node_get(entry, "noNewPrivileges");
	const struct node *seccomp = node_get(node_get(entry, "wherry"), "seccomp");
	static const struct {
		const char *key, *what;
	} namespaces[] = {{"pid", "it sees the machine's processes"},
		{"ipc", "it shares the machine's IPC objects"},
		{"uts", "it shares the machine's host name"}};

	/* Then none of the limits apply, as was reported. */
	if (has_all(capabilities))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(namespaces); i++)
		if (is_hosts(node_get(entry, namespaces[i].key)))
			warn(checker, entry, node_get(entry, namespaces[i].key), namespaces[i].key,
				namespaces[i].what);
	warn_binds(checker, entry, node_get(entry, "binds"));
	warn_binds(checker, entry, node_get(entry, "binds.add"));
	warn_maps(checker, entry, node_get(entry, "mounts"));
	warn(checker, entry, node_get(entry, "maskedPaths"), "maskedPaths",
		"these replace the default ones");
	warn(checker, entry, node_get(entry, "readonlyPaths"), "readonlyPaths",
		"these replace the default ones");
	if (privileges && !is_true(privileges))
		warn(checker, entry, privileges, "noNewPrivileges",
			"set-user-id programs, if it has any, take effect");
	if (seccomp && str_eq(seccomp->text, "none"))
		warn(checker, entry, seccomp, "seccomp", "it may use all system calls");
}
