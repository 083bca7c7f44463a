/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What gives a container more than it has by default (docs/security.md): in the file that is worth
 * a warning of `check`, in an image's label one of `build`, unless the entry's `wherry.accept` says
 * that it is meant.
 */
#include <strings.h>

#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "config/internal.h"
#include "config/settings.h"
#include "config/values.h"

enum { TEXT_MAX_SHOWN = 1000 };

bool grant_is_accepted(const struct node *entry, const char *key)
{
	const struct node *list = node_get(node_get(entry, "wherry"), "accept");

	/* It may not have been checked yet. */
	for (size_t i = 0; list && list->kind == NODE_LIST && i < list->n; i++)
		if (list->items[i]->kind == NODE_SCALAR && str_eq(list->items[i]->text, key))
			return true;
	return false;
}

/* ---- what a value gives: a text for it, owned by the caller, or NULL ---- */

static void add_word(struct buf *out, const char *prefix, const char *word)
{
	buf_printf(out, "%s%.100s", out->len ? ", " : prefix, word);
}

static char *text_of(struct buf *out)
{
	return out->len ? str_dup(buf_str(out)) : NULL;
}

static char *of_capabilities(const struct node *n)
{
	CLEANUP(buf) struct buf out = BUF_INIT(TEXT_MAX_SHOWN);

	for (size_t i = 0; i < n->n; i++) {
		unsigned number;

		if (capability_parse(n->items[i]->text, &number) ||
			strcasecmp(n->items[i]->text, "all") == 0)
			add_word(&out, "capabilities: ", n->items[i]->text);
	}
	return text_of(&out);
}

static char *of_binds(const struct node *n)
{
	CLEANUP(buf) struct buf out = BUF_INIT(TEXT_MAX_SHOWN);

	for (size_t i = 0; i < n->n; i++)
		if (n->items[i]->text[0] == '/')
			add_word(&out, "binds of ", n->items[i]->text);
	return text_of(&out);
}

static char *of_mounts(const struct node *n)
{
	CLEANUP(buf) struct buf out = BUF_INIT(TEXT_MAX_SHOWN);

	for (size_t i = 0; i < n->n; i++) {
		const char *type = mount_type(n->items[i]);
		const char *source = node_get_text(n->items[i], "source");

		if (mount_is_bind(n->items[i]) && source && *source == '/')
			add_word(&out, "binds of ", source);
		else if ((str_eq(type, "sysfs") || str_eq(type, "proc")) &&
			 !mount_has_option(n->items[i], "ro"))
			add_word(&out, "a writable ", type);
	}
	return text_of(&out);
}

static char *of_devices(const struct node *n)
{
	CLEANUP(buf) struct buf out = BUF_INIT(TEXT_MAX_SHOWN);

	for (size_t i = 0; i < n->n; i++)
		add_word(&out, "devices: ", node_get_text(n->items[i], "path"));
	return text_of(&out);
}

static char *of_resources(const struct node *n)
{
	const struct node *rules = node_get(n, "devices");

	for (size_t i = 0; rules && i < rules->n; i++) {
		const struct node *allow = node_get(rules->items[i], "allow");
		bool allowed = false;

		if (allow && node_to_bool(allow, &allowed) && allowed)
			return str_dup("rules that allow devices");
	}
	return NULL;
}

/* One of its own, which is the default, gives nothing. */
static char *of_namespace(const struct node *n)
{
	return *n->text && !str_eq(n->text, "new") ? str_printf("namespace %.200s", n->text) : NULL;
}

static char *of_new_privileges(const struct node *n)
{
	bool none = true;

	return node_to_bool(n, &none) && !none ? str_dup("set-user-id programs") : NULL;
}

static char *of_masked(const struct node *n ATTR_UNUSED)
{
	return str_dup("other maskedPaths than the default ones");
}

static char *of_readonly(const struct node *n ATTR_UNUSED)
{
	return str_dup("other readonlyPaths than the default ones");
}

static char *of_propagation(const struct node *n)
{
	return str_eq(n->text, "shared") || str_eq(n->text, "rshared")
		       ? str_dup("mounts that the machine sees")
		       : NULL;
}

static char *of_runtime(const struct node *n)
{
	static const char *const keys[] = {"mounts", "mkdir", "interfaces", "cgroups", "bindNS"};
	CLEANUP(buf) struct buf out = BUF_INIT(TEXT_MAX_SHOWN);

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		const struct node *value = node_get(n, keys[i]);

		if (value && value->n > 0)
			add_word(&out, "runtime: ", keys[i]);
	}
	return text_of(&out);
}

static char *of_wherry(const struct node *n)
{
	const char *seccomp = node_get_text(n, "seccomp");

	return seccomp && str_eq(seccomp, "none") ? str_dup("no seccomp filter") : NULL;
}

/* `as` is what `wherry.accept` calls it. */
static const struct grant {
	const char *key, *as;
	char *(*text)(const struct node *n);
	bool adds; /* also when the file gives the key */
} grants[] = {
	{"capabilities", "capabilities", of_capabilities, false},
	{"capabilities.add", "capabilities", of_capabilities, true},
	{"ambient", "capabilities", of_capabilities, false},
	{"binds", "binds", of_binds, false},
	{"binds.add", "binds", of_binds, true},
	{"mounts", "binds", of_mounts, false},
	{"devices", "devices", of_devices, false},
	{"resources", "devices", of_resources, false},
	{"pid", "pid", of_namespace, false},
	{"ipc", "ipc", of_namespace, false},
	{"uts", "uts", of_namespace, false},
	{"noNewPrivileges", "noNewPrivileges", of_new_privileges, false},
	{"maskedPaths", "maskedPaths", of_masked, false},
	{"readonlyPaths", "readonlyPaths", of_readonly, false},
	{"rootfsPropagation", "rootfsPropagation", of_propagation, false},
	{"runtime", "runtime", of_runtime, false},
	{"wherry", "seccomp", of_wherry, false},
};

const char *const grant_names[] = {"capabilities", "binds", "devices", "pid", "ipc", "uts",
	"noNewPrivileges", "maskedPaths", "readonlyPaths", "rootfsPropagation", "runtime",
	"seccomp", NULL};

/* The file's value takes the place of the label's; of the wherry map, that of seccomp. */
static bool is_replaced(const struct grant *g, const struct node *entry)
{
	if (g->text == of_wherry)
		return node_get(node_get(entry, "wherry"), "seccomp") != NULL;
	return !g->adds && g->text != of_runtime && node_get(entry, g->key) != NULL;
}

void grants_of_label(
	const struct node *label, const struct node *entry, struct strv *names, struct strv *texts)
{
	for (size_t i = 0; i < ARRAY_SIZE(grants); i++) {
		const struct grant *g = &grants[i];
		const struct node *value = node_get(label, g->key);
		CLEANUP(free) char *text = NULL;

		if (!value || is_replaced(g, entry) || grant_is_accepted(entry, g->as))
			continue;
		text = g->text(value);
		if (!text)
			continue;
		strv_addf(texts, "%s%s%s", g->text == of_namespace ? g->key : "",
			g->text == of_namespace ? ": " : "", text);
		if (!strv_has(names, g->as))
			strv_add(names, g->as);
	}
}

/* ---- in the file ---- */

static void warn(struct checker *checker, const struct node *entry, const struct node *at,
	const char *as, const char *what)
{
	if (!at || grant_is_accepted(entry, as))
		return;
	checker_warn(checker, at, "%s", what);
	checker_hint(checker, "if that is meant, say so with 'wherry: {accept: [%s]}'", as);
}

/* What a container should not write to, with what is below it. */
static const char *is_delicate(const char *source)
{
	static const struct {
		const char *path;
		bool below;
	} folders[] = {{"run", false}, {"var/run", false}, {"run/wherry", true}, {"proc", true},
		{"sys", true}};
	CLEANUP(free) char *path = *source == '/' ? path_inside(source) : NULL;

	for (size_t i = 0; path && i < ARRAY_SIZE(folders); i++) {
		const char *rest = str_after(path, folders[i].path);

		if (rest && (!*rest || (folders[i].below && *rest == '/')))
			return folders[i].path;
	}
	return NULL;
}

/*
 * `ro` is for the bind itself; these have something of the machine's mounted below them, in which
 * root's files can be written to.
 */
static bool has_more_below(const char *source)
{
	static const char *const folders[] = {
		"", "proc", "proc/sys", "proc/sys/fs", "sys", "sys/fs", "sys/kernel"};
	CLEANUP(free) char *path = *source == '/' ? path_inside(source) : NULL;

	for (size_t i = 0; path && i < ARRAY_SIZE(folders); i++)
		if (str_eq(path, folders[i]))
			return true;
	return false;
}

static void warn_below(struct checker *checker, const struct node *entry, const struct node *at)
{
	if (grant_is_accepted(entry, "binds"))
		return;
	checker_warn(checker, at, "it can write to what is mounted below: 'ro' is not for that");
	checker_hint(checker, "use 'rro' instead, or 'wherry: {accept: [binds]}' if that is meant");
}

static void warn_binds(struct checker *checker, const struct node *entry, const struct node *list)
{
	for (size_t i = 0; list && i < list->n; i++) {
		CLEANUP(mount_text) struct mount_text t = {0};
		CLEANUP(free) char *what = NULL;

		if (bind_parse(list->items[i]->text, &t, NULL) < 0 || strv_has(&t.options, "rro"))
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
	const char *type = mount_type(map), *source = node_get_text(map, "source");
	bool whole = type && (str_eq(type, "sysfs") || str_eq(type, "proc"));

	if (mount_has_option(map, "rro"))
		return;
	if (mount_has_option(map, "ro")) {
		if (mount_has_option(map, "rbind") && source && has_more_below(source))
			warn_below(checker, entry, map);
		return;
	}
	if (whole || (source && mount_is_bind(map) && is_delicate(source)))
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

	/* None of the limits hold then, as was said. */
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
		"these take the place of the default ones");
	warn(checker, entry, node_get(entry, "readonlyPaths"), "readonlyPaths",
		"these take the place of the default ones");
	if (privileges && !setting_bool(&(struct settings){.yaml = entry}, "noNewPrivileges"))
		warn(checker, entry, privileges, "noNewPrivileges",
			"set-user-id programs, if it finds any, work");
	if (seccomp && str_eq(seccomp->text, "none"))
		warn(checker, entry, seccomp, "seccomp", "it may use all system calls");
}
